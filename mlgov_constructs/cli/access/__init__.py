"""Who may do what in a synthesized environment: its policies, made concrete and simulated."""
