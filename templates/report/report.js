"use strict";
(() => {
  const columns = ["environment", "scenario", "agent", "attempt", "outcome", "score", "calls", "seconds", "cost"];
  const attempts = JSON.parse(document.getElementById("index").textContent);
  const packed = document.getElementById("details").textContent.trim().split("\n");
  const filters = document.getElementById("filters");
  const body = document.querySelector("#list tbody");
  const digits = { 5: 2, 7: 2, 8: 4 }; // after the point: of score, seconds, cost
  const page = 200;
  let found = [];
  let shown = 0;

  // Everything that agents and tasks said is put in as text, never as markup.
  const make = (name, className, text) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text !== undefined && text !== null) element.textContent = text;
    return element;
  };
  const words = (text) => String(text).replaceAll("_", " ");
  const [narrow, wide] = [100, 400]; // signs on a line

  // JSON of which what fits a line stands on one, and so does a row, which may be longer: rows are read one below the other.
  function json(value, indent = "") {
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    const list = Array.isArray(value);
    const [first, last] = list ? "[]" : "{}";
    const inner = `${indent} `;
    const parts = Object.entries(value).map(
      ([key, item]) => (list ? "" : `${JSON.stringify(key)}: `) + json(item, inner),
    );
    const line = first + parts.join(", ") + last;
    const room = list ? narrow - indent.length : wide;
    if (line.length <= room && !line.includes("\n")) return line;
    return `${first}\n${parts.map((part) => inner + part).join(",\n")}\n${indent}${last}`;
  }
  const pretty = (value) => (typeof value === "string" ? value : json(value));

  const head = document.querySelector("#list thead tr");
  for (const [at, column] of columns.entries()) {
    const cell = make("th", at > 4 ? "number" : "", column);
    cell.scope = "col";
    head.append(cell);
  }
  for (const [name, at] of [["agent", 2], ["environment", 0], ["outcome", 4]]) {
    for (const value of new Set(attempts.map((attempt) => attempt[at]))) {
      const option = make("option", "", words(value));
      option.value = value;
      filters.elements[name].append(option);
    }
  }

  function row(at) {
    const attempt = attempts[at];
    const line = make("tr");
    columns.forEach((_, column) => {
      const value = attempt[column];
      const cell = make("td");
      if (column === 1) {
        const link = make("a", "", value);
        link.href = `#attempt-${at + 1}`;
        cell.append(link);
      } else if (column === 4) {
        cell.className = value;
        cell.textContent = words(value);
      } else {
        cell.textContent = value === null ? "–" : digits[column] === undefined ? value : value.toFixed(digits[column]);
        if (column > 4) cell.className = "number";
      }
      line.append(cell);
    });
    return line;
  }

  function more() {
    body.append(...found.slice(shown, shown + page).map(row));
    shown = Math.min(shown + page, found.length);
    document.getElementById("more").hidden = shown === found.length;
    document.getElementById("count").textContent = `${found.length} of ${attempts.length}`;
  }

  function filter() {
    const wanted = filters.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const same = [["agent", 2], ["environment", 0], ["outcome", 4]].map(([name, at]) => [filters.elements[name].value, at]);
    found = [...attempts.keys()].filter((at) => {
      const text = attempts[at].slice(0, 3).concat(attempts[at][9]).join(" ").toLowerCase();
      return same.every(([value, place]) => !value || attempts[at][place] === value) && wanted.every((word) => text.includes(word));
    });
    body.replaceChildren();
    shown = 0;
    more();
    document.getElementById("none").hidden = found.length > 0;
  }

  async function unpack(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }

  const long = (value) => make("pre", "long", pretty(value));

  function call(one) {
    const block = make("div", one.ok ? "call" : "call refused");
    block.append(make("p", "role", `call ${one.n}${one.ok ? "" : ", refused"}`));
    block.append(make("pre", "", `${one.name} ${pretty(one.arguments)}`), long(one.content));
    if (one.changes.length) {
      const list = make("ul");
      list.append(...one.changes.map((text) => make("li", "", text)));
      block.append(make("p", "role", "changed"), list);
    }
    return block;
  }

  // A call that the server never saw, since it was none or there was nothing left: what the agent was told instead.
  function unmade(one, told) {
    const block = make("div", "call refused");
    block.append(make("p", "role", "not made"), make("pre", "", `${one.name} ${pretty(one.arguments)}`));
    if (told) block.append(long(told));
    return block;
  }

  function conversation(detail) {
    const parts = [];
    const calls = [...detail.calls];
    const told = new Map(detail.messages.map((message) => [message.tool_call_id, message.content]));
    const key = (one) => JSON.stringify([one.name, one.arguments]);
    for (const message of detail.messages) {
      if (message.role !== "tool" && (message.content || message.thinking)) {
        const block = make("div", `message ${message.role}`);
        block.append(make("p", "role", message.role));
        if (message.thinking) block.append(make("pre", "long role", message.thinking));
        if (message.content) block.append(make("pre", "long", message.content));
        parts.push(block);
      }
      for (const one of message.tool_calls ?? []) {
        const at = calls.findIndex((made) => key(made) === key(one));
        if (at < 0) parts.push(unmade(one, told.get(one.id)));
        else parts.push(...calls.splice(0, at + 1).map(call));
      }
    }
    return parts.concat(calls.map(call));
  }

  function checks(detail) {
    const list = make("ul");
    for (const check of detail.checks) {
      const item = make("li", check.holds ? "holds" : "fails", `${check.description} (${check.kind})`);
      if (check.explanation) item.append(make("pre", "", check.explanation));
      list.append(item);
    }
    for (const text of detail.damage) list.append(make("li", "fails", `Not asked for: ${text}`));
    return list;
  }

  async function open() {
    const target = document.getElementById("attempt");
    const at = Number((location.hash.match(/^#attempt-(\d+)$/) ?? [])[1]) - 1;
    if (!(at in attempts)) {
      target.hidden = true;
      return;
    }
    const [environment, scenario, agent, number] = attempts[at];
    const detail = await unpack(packed[at]);
    if (location.hash !== `#attempt-${at + 1}`) return; // another was chosen meanwhile
    const title = make("h2", "", `${environment}/${scenario} · ${agent} · attempt ${number}`);
    const told = (name, value) => (name === "started" ? value.slice(0, 19).replace("T", " ") : value);
    const figures = Object.entries(detail.figures).map(([name, value]) => `${words(name)} ${told(name, value)}`).join(" · ");
    target.replaceChildren(title, make("p", attempts[at][4], detail.verdict), make("p", "role", figures));
    if (detail.reason) target.append(make("pre", "long", detail.reason));
    target.append(make("h3", "", "Task"), make("pre", "long", detail.task));
    const [list, talk] = [checks(detail), conversation(detail)];
    if (list.children.length) target.append(make("h3", "", "Checks"), list);
    if (talk.length) target.append(make("h3", "", "Conversation"), ...talk);
    target.hidden = false;
    target.focus({ preventScroll: true });
    target.scrollIntoView();
  }

  filters.addEventListener("input", filter);
  filters.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("more").addEventListener("click", more);
  window.addEventListener("hashchange", open);
  window.addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details")) part.open = true;
  });
  filter();
  open();
})();
