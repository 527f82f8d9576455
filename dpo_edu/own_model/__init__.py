"""Your own pairs and a pretrained model: DPO, resumed, exported, on several machines.

Rooms: ``settings``, ``start`` (the model and its window), ``tokens`` (pairs by its chat
template), ``intake`` and ``memory`` (the report before training), ``processes`` (those
that Accelerate joins), ``learning`` (the loop), ``run`` and ``report``, ``export``.
``own_data`` reads the pairs, ``real_model`` scores them.
"""
