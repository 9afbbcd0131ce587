"""Facts to pages: terminal text, live vitals and JSON, in English and Korean. Nothing here imports torch."""
