"""The series as plain pages: text, formulas, still figures and every live figure, without Python and without a network."""
