#include "backend/database/tests/faulty_vfs.hpp"

#include <fstream>
#include <utility>

namespace pourtocol::database::testing {

/// What SQLite holds for an open file: ours first, the system's behind it.
struct FaultyVfs::File {
  sqlite3_file base;
  FaultyVfs* disk;
  std::string* path;                             ///< null for temporary files
  alignas(sqlite3_int64) unsigned char real[1];  // what SQLite aligns its files to

  [[nodiscard]] sqlite3_file* system() { return reinterpret_cast<sqlite3_file*>(real); }
  [[nodiscard]] const sqlite3_io_methods& call() { return *system()->pMethods; }
  static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
};

const sqlite3_io_methods FaultyVfs::methods{
    .iVersion = 2,
    .xClose =
        [](sqlite3_file* file) {
          File& self = File::of(file);
          const int result = self.call().xClose(self.system());
          delete self.path;
          return result;
        },
    .xRead =
        [](sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
          return File::of(file).call().xRead(File::of(file).system(), to, size, at);
        },
    .xWrite =
        [](sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
          File& self = File::of(file);
          const int fault = self.disk->verdict(Operation::write);
          if (fault != SQLITE_OK) return fault;
          return self.call().xWrite(self.system(), from, size, at);
        },
    .xTruncate =
        [](sqlite3_file* file, sqlite3_int64 size) {
          File& self = File::of(file);
          const int fault = self.disk->verdict(Operation::write);
          if (fault != SQLITE_OK) return fault;
          return self.call().xTruncate(self.system(), size);
        },
    .xSync =
        [](sqlite3_file* file, int flags) {
          File& self = File::of(file);
          const int fault = self.disk->verdict(Operation::sync);
          if (fault != SQLITE_OK) return fault;
          const int result = self.call().xSync(self.system(), flags);
          if (result == SQLITE_OK) self.disk->remember_as_durable(self);
          return result;
        },
    .xFileSize =
        [](sqlite3_file* file, sqlite3_int64* size) {
          return File::of(file).call().xFileSize(File::of(file).system(), size);
        },
    .xLock = [](sqlite3_file* file,
                int level) { return File::of(file).call().xLock(File::of(file).system(), level); },
    .xUnlock =
        [](sqlite3_file* file, int level) {
          return File::of(file).call().xUnlock(File::of(file).system(), level);
        },
    .xCheckReservedLock =
        [](sqlite3_file* file, int* out) {
          return File::of(file).call().xCheckReservedLock(File::of(file).system(), out);
        },
    .xFileControl =
        [](sqlite3_file* file, int what, void* argument) {
          return File::of(file).call().xFileControl(File::of(file).system(), what, argument);
        },
    .xSectorSize =
        [](sqlite3_file* file) {
          return File::of(file).call().xSectorSize(File::of(file).system());
        },
    .xDeviceCharacteristics =
        [](sqlite3_file* file) {
          return File::of(file).call().xDeviceCharacteristics(File::of(file).system());
        },
    .xShmMap =
        [](sqlite3_file* file, int page, int size, int extend, void volatile** out) {
          return File::of(file).call().xShmMap(File::of(file).system(), page, size, extend, out);
        },
    .xShmLock =
        [](sqlite3_file* file, int offset, int n, int flags) {
          if ((flags & SQLITE_SHM_UNLOCK) != 0) {
            const int fault = File::of(file).disk->verdict(Operation::unlock);
            if (fault != SQLITE_OK) return fault;
          }
          return File::of(file).call().xShmLock(File::of(file).system(), offset, n, flags);
        },
    .xShmBarrier =
        [](sqlite3_file* file) { File::of(file).call().xShmBarrier(File::of(file).system()); },
    .xShmUnmap =
        [](sqlite3_file* file, int remove) {
          return File::of(file).call().xShmUnmap(File::of(file).system(), remove);
        },
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int FaultyVfs::open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
  auto& disk = *static_cast<FaultyVfs*>(vfs->pAppData);
  File& self = File::of(file);
  self.disk = &disk;
  self.path = nullptr;
  self.base.pMethods = nullptr;
  const int result = disk.real_->xOpen(disk.real_, path, self.system(), flags, out);
  if (result != SQLITE_OK) return result;
  self.base.pMethods = &methods;
  if (path != nullptr) {
    self.path = new std::string{path};
    const std::scoped_lock guard{disk.mutex_};
    // What lies there before this disk's first write to it counts as durable.
    if (disk.touched_.insert(path).second && std::filesystem::file_size(path) > 0) {
      std::ifstream old{path, std::ios::binary};
      disk.durable_[path].assign(std::istreambuf_iterator<char>{old}, {});
    }
  }
  return SQLITE_OK;
}

int FaultyVfs::remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  auto& disk = *static_cast<FaultyVfs*>(vfs->pAppData);
  {
    const std::scoped_lock guard{disk.mutex_};
    if (!disk.power_) return SQLITE_IOERR_DELETE;
    disk.durable_.erase(path);
  }
  return disk.real_->xDelete(disk.real_, path, sync_folder);
}

FaultyVfs::FaultyVfs(std::string name)
    : name_{std::move(name)}, vfs_{}, real_{sqlite3_vfs_find(nullptr)} {
  vfs_ = *real_;
  vfs_.iVersion = 1;
  vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.pNext = nullptr;
  vfs_.xOpen = &FaultyVfs::open;
  vfs_.xDelete = &FaultyVfs::remove;
  sqlite3_vfs_register(&vfs_, 0);
}

FaultyVfs::~FaultyVfs() {
  sqlite3_vfs_unregister(&vfs_);
}

void FaultyVfs::fail_from(Operation operation, int nth, int code) {
  const std::scoped_lock guard{mutex_};
  Fault& fault = faults_[static_cast<std::size_t>(operation)];
  fault.calls_left = nth;
  fault.code = code;
}

void FaultyVfs::heal() {
  const std::scoped_lock guard{mutex_};
  for (Fault& fault : faults_) fault.calls_left = 0;
}

void FaultyVfs::cut_power() {
  const std::scoped_lock guard{mutex_};
  power_ = false;
}

void FaultyVfs::restore_power() {
  const std::scoped_lock guard{mutex_};
  for (const std::string& path : touched_) {
    std::filesystem::remove(path);
    std::filesystem::remove(path + "-shm");
  }
  for (const auto& [path, bytes] : durable_) {
    std::ofstream file{path, std::ios::binary};
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  touched_.clear();
  power_ = true;
}

int FaultyVfs::calls(Operation operation) const {
  const std::scoped_lock guard{mutex_};
  return faults_[static_cast<std::size_t>(operation)].calls;
}

int FaultyVfs::verdict(Operation operation) {
  const std::scoped_lock guard{mutex_};
  if (!power_ && operation != Operation::unlock) {
    return operation == Operation::write ? SQLITE_IOERR_WRITE : SQLITE_IOERR_FSYNC;
  }
  Fault& fault = faults_[static_cast<std::size_t>(operation)];
  ++fault.calls;
  if (fault.calls_left == 0) return SQLITE_OK;
  if (fault.calls_left > 1) {
    --fault.calls_left;
    return SQLITE_OK;
  }
  return fault.code;
}

void FaultyVfs::remember_as_durable(File& file) {
  if (file.path == nullptr) return;
  sqlite3_int64 size = 0;
  file.call().xFileSize(file.system(), &size);
  std::vector<char> bytes(static_cast<std::size_t>(size));
  if (size > 0) file.call().xRead(file.system(), bytes.data(), static_cast<int>(size), 0);
  const std::scoped_lock guard{mutex_};
  durable_[*file.path] = std::move(bytes);
}

}  // namespace pourtocol::database::testing
