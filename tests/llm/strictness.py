"""What the real API refuses of a request, of what the generator could get wrong; written apart from its code."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]
ALLOWED = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems"},
    "string": {"format", "pattern"},
}
EVERYWHERE = {"type", "description", "title", "default", "enum", "const", "anyOf", "allOf", "$ref", "$defs"}
KNOWN = {
    *("model", "max_tokens", "messages", "system", "thinking", "output_config", "stream", "temperature"),
    *("stop_sequences", "metadata", "tools", "tool_choice", "cache_control", "service_tier", "speed"),
}


def refusal(body: Json, most_tokens: int, grammar: int | None) -> str | None:
    """The message of a 400, or None. `grammar`: how many properties a shape may have once its parts are written out."""
    for name in ("model", "max_tokens", "messages"):
        if name not in body:
            return f"{name}: Field required"
    unknown = sorted(set(body) - KNOWN)
    if unknown:
        return f"{unknown[0]}: Extra inputs are not permitted"
    if body["max_tokens"] > most_tokens:
        return f"max_tokens: {body['max_tokens']} > {most_tokens}, which is the maximum allowed number of output tokens"
    if body["messages"][-1]["role"] != "user":
        return "This model does not support assistant message prefill. The conversation must end with a user message."
    texts = [part.get("text", "x") for part in _parts(body)]
    if not all(text.strip() for text in texts):
        return "messages: text content blocks must be non-empty"
    if json.dumps(body).count('"cache_control"') > 4:
        return "A maximum of 4 blocks with cache_control may be provided."
    form = body.get("output_config", {}).get("format")
    return None if form is None else schema_refusal(form, grammar)


def _parts(body: Json) -> list[Json]:
    found = list(body.get("system", [])) if isinstance(body.get("system"), list) else []
    for message in body["messages"]:
        content = message["content"]
        found += content if isinstance(content, list) else [{"text": content}]
    return found


def schema_refusal(form: Json, grammar: int | None) -> str | None:
    if form.get("type") != "json_schema" or not isinstance(form.get("schema"), dict):
        return "output_config.format: a json_schema with its schema is expected"
    place = "output_config.format.schema: "
    reader = Reader(form["schema"])
    try:
        size = reader.size(form["schema"], ())
    except ValueError as error:
        return f"{place}Invalid schema: {error}"
    if reader.optional > 24:
        return f"{place}Schemas contains too many optional parameters ({reader.optional}); the limit is 24"
    if reader.unions > 16:
        return f"{place}Schemas contains too many parameters with union types ({reader.unions}); the limit is 16"
    if grammar is not None and size > grammar:
        return (
            f"{place}Invalid schema: The compiled grammar is too large, which would cause performance issues. "
            "Simplify your tool schemas or reduce the number of strict tools."
        )
    return None


class Reader:
    """Walks a schema with its references followed, as one that compiles it must."""

    def __init__(self, root: Json) -> None:
        self.definitions = root.get("$defs", {})
        self.optional = self.unions = 0
        self._seen: set[str] = set()

    def size(self, node: Json, path: tuple[str, ...]) -> int:
        """How many properties there are. Raises ValueError for what the API cannot compile."""
        if "$ref" in node:
            return self._follow(str(node["$ref"]), path)
        kinds = node.get("type", [])
        kinds = kinds if isinstance(kinds, list) else [kinds]
        extra = set(node) - EVERYWHERE - {key for kind in kinds for key in ALLOWED.get(kind, ())}
        if extra:
            raise ValueError(f"For '{'/'.join(kinds)}' type, property '{min(extra)}' is not supported")
        if "object" in kinds and node.get("additionalProperties") is not False:
            raise ValueError("For 'object' type, 'additionalProperties' must be explicitly set to false")
        if node.get("minItems", 0) > 1:
            raise ValueError("For 'array' type, 'minItems' values other than 0 or 1 are not supported")
        properties = node.get("properties", {})
        self.optional += len(set(properties) - set(node.get("required", [])))
        variants = node.get("anyOf", []) + node.get("allOf", [])
        self.unions += bool(node.get("anyOf")) or len(kinds) > 1
        parts = [*properties.values(), *variants, *([node["items"]] if "items" in node else [])]
        return len(properties) + sum(self.size(part, path) for part in parts)

    def _follow(self, reference: str, path: tuple[str, ...]) -> int:
        name = reference.removeprefix("#/$defs/")
        if name in path:
            raise ValueError("Recursive schemas are not supported")
        if name not in self.definitions:
            raise ValueError(f"'{reference}' cannot be resolved")
        counted = (self.optional, self.unions)
        size = self.size(self.definitions[name], (*path, name))
        if name in self._seen:  # a definition's own parameters count once
            self.optional, self.unions = counted
        self._seen.add(name)
        return size
