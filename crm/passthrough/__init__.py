"""Resources of the org's own Apex classes, for an ACD that knows us in their place."""
