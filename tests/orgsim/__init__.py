"""A simulated Salesforce org: REST API, OAuth and a plane of faults, on loopback.

Facts carry the mark of their source: D documented by Salesforce, R recorded from a real org,
T tried by us, 3 third party, M remembered only and still to be settled against a real org.
"""
