"""How the documentation is built: `make docs`, into docs/_build."""

project = "Broadsheet"
author = "the Broadsheet authors"
project_copyright = "2026, the Broadsheet authors"
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "Broadsheet"
html_show_sphinx = False
#: Links to headings of the first three levels, such as `settings.md#broadsheet_home`.
myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]
