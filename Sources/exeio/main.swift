import ExeioDaemon
import Glibc

exit(Program.main())
