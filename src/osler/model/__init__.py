"""The network: open weights, the language model, vision, text retrieval and what joins them.

Import from the files, so that only what is used is loaded::

    from osler.model.language import load_language
    from osler.model.efficientnet import load_efficientnet
"""
