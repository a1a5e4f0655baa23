"""Reference stacks composed from the constructs, and the Stage that composes them."""
