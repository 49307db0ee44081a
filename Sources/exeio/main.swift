print("exeio")
