"""How treatments were taken: courses, doses, adequacy, what each changed."""
