"""What the application shows, as plain values: nothing here knows Textual."""
