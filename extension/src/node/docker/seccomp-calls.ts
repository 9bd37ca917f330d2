/**
 * The system calls that a server and what it starts may make, by what they are for. Everything else is refused, also what a
 * later kernel adds. Compared with the engine's own list (moby/profiles, 2026) these are missing on purpose:
 *
 * - `ptrace`, `process_vm_*`, `pidfd_getfd`, `kcmp`, `process_madvise`: reading or steering another process;
 * - `io_uring_*`, `io_setup` and its kin: they do the work of other calls out of sight of this list;
 * - `memfd_create`, `memfd_secret`, `userfaultfd`: programs out of memory, and tools for attacks on the kernel;
 * - `add_key`, `request_key`, `keyctl`, `bpf`, `perf_event_open`, `fanotify_*`, `name_to_handle_at`, `modify_ldt`,
 *   `remap_file_pages`, `vmsplice`, `listmount`: nothing here needs them, and each has had holes;
 * - `mount`, `unshare`, `setns`, `chroot`, `pivot_root`, the clock, modules, `reboot`, `quotactl`, `acct`, `syslog`:
 *   need capabilities that are dropped, and are out of reach on kernels with a hole there as well.
 */
export const allowedCalls: readonly string[] = [
  // Files.
  'access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 fallocate',
  'fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync flock fstat fstatfs fsync ftruncate futimesat getcwd',
  'getdents getdents64 ioctl lchown link linkat lseek lstat mkdir mkdirat mknod mknodat newfstatat open openat openat2',
  'pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv rename renameat renameat2',
  'rmdir sendfile splice stat statfs statx symlink symlinkat sync sync_file_range syncfs tee truncate umask unlink',
  'unlinkat utime utimensat utimes write writev',
  'fgetxattr flistxattr fremovexattr fsetxattr getxattr getxattrat lgetxattr listxattr listxattrat llistxattr',
  'lremovexattr lsetxattr removexattr removexattrat setxattr setxattrat',
  'inotify_add_watch inotify_init inotify_init1 inotify_rm_watch',
  // Memory.
  'brk madvise map_shadow_stack membarrier mincore mlock mlock2 mlockall mmap mprotect mremap mseal msync munlock munlockall',
  'munmap pkey_alloc pkey_free pkey_mprotect cachestat',
  // Waiting.
  'alarm clock_getres clock_gettime clock_nanosleep epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait',
  'eventfd eventfd2 futex futex_requeue futex_wait futex_waitv futex_wake getitimer gettimeofday nanosleep pause poll ppoll',
  'pselect6 restart_syscall select setitimer time timer_create timer_delete timer_getoverrun timer_gettime timer_settime',
  'timerfd_create timerfd_gettime timerfd_settime times adjtimex clock_adjtime',
  // Processes and threads. `clone` and `personality` have rules of their own.
  'capget capset execve execveat exit exit_group fork vfork wait4 waitid getpgid getpgrp getpid getppid getsid gettid',
  'pidfd_open pidfd_send_signal set_robust_list get_robust_list set_tid_address rseq setpgid setsid arch_prctl',
  'process_mrelease prctl seccomp landlock_add_rule landlock_create_ruleset landlock_restrict_self',
  'getpriority setpriority getrlimit setrlimit prlimit64 getrusage ioprio_get ioprio_set getcpu',
  'sched_getaffinity sched_getattr sched_getparam sched_get_priority_max sched_get_priority_min sched_getscheduler',
  'sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield',
  // Signals.
  'kill rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo',
  'sigaltstack signalfd signalfd4 tgkill tkill uretprobe',
  // Users: without capabilities these change nothing that matters.
  'getegid geteuid getgid getgroups getresgid getresuid getuid setfsgid setfsuid setgid setgroups setregid setresgid setresuid',
  'setreuid setuid',
  // Pipes, sockets that are open already, and messages within the container. `socket` and `socketpair` have rules of their own.
  'pipe pipe2 accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg sendmsg',
  'sendto setsockopt shutdown',
  'mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd',
  'semctl semget semop semtimedop shmat shmctl shmdt shmget',
  // The machine.
  'getrandom sysinfo uname riscv_hwprobe riscv_flush_icache',
].flatMap((line) => line.split(' '));
