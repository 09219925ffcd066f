// Compiled into ThreadSanitizer's builds only. Debian's RocksDB is not built for it, so that it
// cannot see the reference counts by which RocksDB's threads agree on what to free. Mutexes are
// seen. See also rocksdb_write.h.
extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions() { return "race:^rocksdb::\n"; }
