// placeholder: replaced by the room's own files
