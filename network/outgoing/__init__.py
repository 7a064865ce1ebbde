"""What members have others say of them, asked over the network with `core.outgoing`."""
