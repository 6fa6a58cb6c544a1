"""The terminal application: view models that know no toolkit, and the screens that show them."""
