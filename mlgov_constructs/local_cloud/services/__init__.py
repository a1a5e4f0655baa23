"""The services of the local cloud that are not the emulator's own, or that complete it."""
