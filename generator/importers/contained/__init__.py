"""A stranger's code in a process of its own, behind walls. Standard library only, relative imports only:

the folder is copied verbatim into the folder of every imported environment, where it is the package `contained`.
"""

from .box import Box, Limits, Reply, Verdict
from .errors import Broken, ClassError, ContainmentError

__all__ = ["Box", "Broken", "ClassError", "ContainmentError", "Limits", "Reply", "Verdict"]
