#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "schemas/result.hpp"

/// What a worker gives up before it touches its input. Linked into each worker.
namespace khochung::workers {

/// Whether a worker may start other programs (only layout does: LibreOffice).
enum class Children { none, own_programs };

/// What one kind of worker needs; everything else is closed to it.
struct SandboxProfile {
  std::uint64_t address_space_bytes = std::uint64_t{512} << 20;
  std::chrono::seconds cpu{120};
  std::uint64_t scratch_file_bytes = 0;  ///< largest file it may write in its scratch folder
  std::uint64_t open_files = 64;
  std::vector<const char*> readable;  ///< system paths it may read
  Children children = Children::none;
};

/// What holds after enter_sandbox.
struct SandboxReport {
  bool limits = false;
  bool seccomp = false;
  bool namespaces =
      false;         ///< user, network, IPC, UTS; with programs of its own PID and mounts as well
  int landlock = 0;  ///< ABI version; 0: the kernel has none
  std::vector<std::string> missing;
};

/// Closes this process in: limits, namespaces, Landlock (its working directory may be written
/// where the profile allows files), seccomp. The order matters; nothing can be undone.
/// Errors: unavailable when limits or seccomp cannot be had. Missing Landlock or namespaces are
/// only reported.
/// Threads: call before any thread is started.
Result<SandboxReport> enter_sandbox(const SandboxProfile& profile);

}  // namespace khochung::workers
