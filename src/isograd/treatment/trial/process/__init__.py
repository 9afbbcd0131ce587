"""The process of a trial: how it is started, forked, kept from outliving its parent, and ended."""
