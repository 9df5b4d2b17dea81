"""Write the table of flags into `migration_guide/settings.md`, between its two marks, from the flags themselves.

    python tests/record/settings_table.py            # write it
    python tests/record/settings_table.py --check    # exit 1 if it would change
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))
PAGE = ROOT / "migration_guide" / "settings.md"
BEGIN, END = "<!-- flags: begin -->\n", "<!-- flags: end -->\n"


def cell(text):
    return str(text).replace("|", "\\|")


def values(flag):
    if flag.options:
        return ", ".join(f"`{cell(option)}`" for option in dict.fromkeys((flag.default, *flag.options)))
    return cell(flag.kind).replace("<class '", "").replace("'>", "")


def table():
    """The flags that act as a table, the others as a list."""
    from tgraph.config import FLAGS  # after the path is set

    lines = ["| flag | values | default | meaning |", "|---|---|---|---|"]
    for flag in FLAGS:
        if flag.acts:
            default = "" if callable(flag.default) or flag.default == "" else f"`{cell(flag.default)}`"
            once = " (read once)" if flag.fixed else ""
            lines.append(f"| `{flag.name}` | {values(flag)} | {default} | {cell(flag.doc)}{once} |")
    idle = ", ".join(f"`{flag.name}`" for flag in FLAGS if not flag.acts)
    count = sum(not flag.acts for flag in FLAGS)
    return "\n".join([*lines, "", f"The other {count} are checked and kept, and change nothing: {idle}.", ""])


def page():
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    wanted = page()
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != wanted)
    PAGE.write_text(wanted, encoding="utf-8")
