"""The signs of the pages, drawn here: every verdict has a shape of its own beside its colour."""

from __future__ import annotations

from markupsafe import Markup

#: How an answer stands -> what is drawn on a field of 24 by 24. Each is another outline, for who sees no colour.
_SHAPES = {
    "permitted": '<circle class="f" cx="12" cy="12" r="11"/><path class="l" d="M6.5 12.5l3.6 3.7 7.4-8"/>',
    "conditional": (
        '<rect class="f" x="4" y="4" width="16" height="16" rx="2" transform="rotate(45 12 12)"/>'
        '<path class="l" d="M7.6 12.4l2.8 2.9M12.4 12h4.6M12.4 15.6h3M12.4 8.6h3"/>'
    ),
    "yes": (
        '<rect class="o" x="2" y="2" width="20" height="20" rx="4"/><path class="i" d="M7 12.5l3.3 3.4L17 8.6"/>'
    ),
    "none": (
        '<rect class="o" x="2" y="2" width="20" height="20" rx="4"/>'
        '<path class="i" d="M9 9.4a3 3 0 1 1 4.6 2.5c-1 .7-1.6 1.2-1.6 2.4"/>'
        '<circle class="d" cx="12" cy="17.4" r="1.3"/>'
    ),
    "no": '<rect class="o" x="2" y="2" width="20" height="20" rx="4"/><path class="i" d="M8 8l8 8M16 8l-8 8"/>',
    "prohibited": (
        '<path class="f" d="M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4z"/><path class="l" d="M6.5 12h11"/>'
    ),
    "urgent": (
        '<path class="f" d="M12 1.5L23.5 22H.5z"/><path class="l" d="M12 9v6"/>'
        '<circle class="e" cx="12" cy="18.4" r="1.4"/>'
    ),
}
#: The other signs.
_PLAIN = {
    "logo": (
        '<path class="i" d="M2 21V10M9 21V7M16 21V10M22 21V7"/>'
        '<path class="i" d="M1 10.5C6 4 10 4 12 7s6 4 11-2"/>'
    ),
    "arrow": '<path class="i" d="M4 12h15M13 6l6 6-6 6"/>',
    "out": '<path class="i" d="M9 5H5v14h14v-4M13 5h6v6M19 5l-9 9"/>',
}
STANDS = tuple(_SHAPES)


def icon(name: str, label: str = "", size: int = 24) -> Markup:
    """A sign as SVG; with a label it is an image of that name, else it is hidden from screen readers."""
    drawn = Markup(_SHAPES.get(name) or _PLAIN[name])  # noqa: S704  (our own drawings)
    kind = "stand" if name in _SHAPES else "plain"
    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup(
        '<svg class="icon {} s-{}" viewBox="0 0 24 24" width="{}" height="{}" focusable="false" {}>{}</svg>'
    ).format(kind, name, size, size, said, drawn)
