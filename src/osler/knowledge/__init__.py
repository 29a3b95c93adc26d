"""Dated, sourced look-ups: what is known of a variant in a disease, and which disease a code means.

    base, tree = KnowledgeBase.load_starter(), DiseaseTree.load_starter()
    seen = ObservedVariant(gene="EGFR", protein_change="p.Leu858Arg")
    matches = lookup(base, tree, seen, tree.from_code("http://snomed.info/sct", "254637007"))

The names live in `evidence`, `variants`, `protein`, `diseases` and `lookup`. What is kept here is
variant evidence, not a guideline.
"""
