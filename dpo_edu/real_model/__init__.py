"""Chapter 17: a pretrained language model that speaks English, trained with DPO.

Rooms: ``cache``, ``fetch`` and ``pretrained`` (the model as a folder), ``prompts`` and
``rules`` (what is asked, what counts as better), ``sampling`` and ``pairs`` (from
answers to comparisons), ``scoring``, ``adapter`` and ``learning`` (the step),
``evaluation``, ``whole_run`` and ``report`` (the verdict on prompts held out).
"""
