"""Questions. Each module asks about the models of the module of the same name in `network.models`."""
