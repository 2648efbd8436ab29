"""The service: pages, REST, CDS Hooks and MCP over the rooms below. Needs the extra ``serve``."""

from handrail.web.app import create_app
from handrail.web.settings import Settings

__all__ = ["Settings", "create_app"]
