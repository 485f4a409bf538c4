"""Words that Unfold and Django show and do not translate, kept here for our catalogue."""
