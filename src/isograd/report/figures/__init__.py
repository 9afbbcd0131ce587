"""Drawing without a browser: numbers to the shapes that the page's templates turn into SVG and canvas."""
