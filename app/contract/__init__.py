"""What the published contract says beyond what FastAPI derives from the routes and the shapes.

* ``fields.toml``: one French sentence and one example for each name of a field. **A new field begins here.**
* ``fields.py``, ``examples.py``: put them into the schemas; an example of a shape is made of those of its fields.
* ``problems.py``, ``headers.py``, ``security.py``: the refusals, the headers and the sign-in, described once.
* ``operations.py``: what each operation answers and heeds, read from its permission.
* ``audiences.py``: the document that one audience reads, and nothing of what the others do.
* ``about.md``: the page with which the document opens.
"""
