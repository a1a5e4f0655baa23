"""What a template costs every month, whether or not anybody works."""
