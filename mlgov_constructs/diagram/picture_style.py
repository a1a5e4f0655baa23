"""The style sheet of the pictures, for light and dark."""

from __future__ import annotations

# No variables and no fonts of its own: renderers other than browsers draw it as well.
STYLE = """
.mlgov-picture { font-family: system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif; }
.mlgov-picture .title { font-size: 20px; font-weight: 600; }
.mlgov-picture .head { font-size: 14px; font-weight: 600; }
.mlgov-picture .body { font-size: 13px; }
.mlgov-picture .small { font-size: 12px; }
.mlgov-picture text { fill: #1b1f24; }
.mlgov-picture text.faint { fill: #57606a; }
.mlgov-picture text.alarm { fill: #b3261e; }
.mlgov-picture .paper { fill: #ffffff; }
.mlgov-picture .frame { fill: #f6f8fa; stroke: #57606a; stroke-width: 1.5; }
.mlgov-picture .region { fill: none; stroke: #8c959f; stroke-dasharray: 5 4; }
.mlgov-picture .card { fill: #ffffff; stroke: #8c959f; }
.mlgov-picture .later { fill: #ffffff; stroke: #8c959f; stroke-dasharray: 4 3; }
.mlgov-picture .pill { fill: #ddf0ee; stroke: #1f7a70; }
.mlgov-picture .store { fill: #e7eefb; stroke: #3a62ad; }
.mlgov-picture .alarmed { fill: #fdecea; stroke: #b3261e; stroke-width: 1.5; }
.mlgov-picture .line { fill: none; stroke: #57606a; stroke-width: 1.5; }
.mlgov-picture .rail { fill: none; stroke: #c4cad1; }
.mlgov-picture .bar { fill: #ffffff; stroke: #57606a; stroke-width: 2; }
.mlgov-picture .open { fill: none; stroke: #b3261e; stroke-width: 2; }
.mlgov-picture .tip { fill: #57606a; }
.mlgov-picture .open-tip { fill: #b3261e; }
.mlgov-picture .reads { fill: #ffffff; stroke: #3a62ad; stroke-width: 1.5; }
.mlgov-picture .writes { fill: #3a62ad; stroke: #3a62ad; stroke-width: 1.5; }
.mlgov-picture text.inverse { fill: #ffffff; }
@media screen and (prefers-color-scheme: dark) {
.mlgov-picture text { fill: #e6edf3; }
.mlgov-picture text.faint { fill: #a3adb8; }
.mlgov-picture text.alarm { fill: #ff8a80; }
.mlgov-picture .paper { fill: #0d1117; }
.mlgov-picture .frame { fill: #161b22; stroke: #8b949e; }
.mlgov-picture .region { stroke: #6e7681; }
.mlgov-picture .card, .mlgov-picture .later { fill: #0d1117; stroke: #6e7681; }
.mlgov-picture .pill { fill: #10302c; stroke: #4db6a8; }
.mlgov-picture .store { fill: #16233f; stroke: #7fa3e6; }
.mlgov-picture .alarmed { fill: #3b1512; stroke: #ff8a80; }
.mlgov-picture .line { stroke: #a3adb8; }
.mlgov-picture .rail { stroke: #30363d; }
.mlgov-picture .bar { fill: #0d1117; stroke: #a3adb8; }
.mlgov-picture .open { stroke: #ff8a80; }
.mlgov-picture .tip { fill: #a3adb8; }
.mlgov-picture .open-tip { fill: #ff8a80; }
.mlgov-picture .reads { fill: #0d1117; stroke: #7fa3e6; }
.mlgov-picture .writes { fill: #7fa3e6; stroke: #7fa3e6; }
.mlgov-picture text.inverse { fill: #0d1117; }
}
"""
