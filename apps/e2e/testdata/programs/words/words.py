import vitrine_stage as stage

stage.outputs["text"].write_text(" ".join(stage.params["words"]))
stage.progress(1, 1)
