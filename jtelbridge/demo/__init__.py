"""`make demo`: everything on one machine, embedded, with a simulated Salesforce org."""
