"""The pages of the controls: what each demands, and by which means it is held."""
