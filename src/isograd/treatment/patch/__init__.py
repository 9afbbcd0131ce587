"""The change in the user's own words: positions that a run left, and a diff of his source.

`recorder.Recorder` notes positions while a program runs; `patching.patch` turns the `Code` of remedies into a diff with
them; `writing.write` puts the diff into the files. Only `patching` and what it imports need LibCST.
"""
