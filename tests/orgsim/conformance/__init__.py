"""What a Salesforce org does, one expectation per behaviour, each with its source.

The suite runs the expectations against the simulated org. The owner of a Developer org can
run the same against it and see where the simulation differs: see the README beside this
package's parent.
"""
