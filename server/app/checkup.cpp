#include "server/app/checkup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include "schemas/json_reader.hpp"
#include "server/app/progress.hpp"
#include "server/net/tls_context.hpp"
#include "storage/durable_file.hpp"
#include "storage/file_descriptor.hpp"

namespace khochung::app {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;
using Level = Finding::Level;

constexpr std::uint64_t gib = 1ULL << 30U;
constexpr std::uint64_t least_free_bytes = 1 * gib;
constexpr std::uint64_t wanted_free_bytes = 10 * gib;
/// What writes nothing answers at once (tmpfs 1 µs, measured); a device takes longer than this.
constexpr microseconds unbelievable_sync{15};
constexpr microseconds slow_sync{50'000};
constexpr std::chrono::days certificate_warning{21};
constexpr std::chrono::days backup_warning{7};

/// File systems that keep what they were told to, for one machine.
const std::set<std::string, std::less<>> trusted_file_systems{"ext4", "ext3", "xfs",     "btrfs",
                                                              "zfs",  "f2fs", "bcachefs"};
const std::set<std::string, std::less<>> passing_file_systems{"tmpfs", "ramfs", "overlay", "aufs"};

Finding good(std::string_view check, std::string what) {
  return {check, Level::good, std::move(what), {}};
}
Finding warning(std::string_view check, std::string what, std::string fix) {
  return {check, Level::warning, std::move(what), std::move(fix)};
}
Finding bad(std::string_view check, std::string what, std::string fix) {
  return {check, Level::bad, std::move(what), std::move(fix)};
}

Finding check_space(const fs::path& root) {
  const auto free = storage::free_bytes(root);
  if (!free)
    return bad("disk_space", "Không đọc được dung lượng ổ đĩa: " + free.error().message,
               "Xem ổ đĩa của thư mục dữ liệu có còn được gắn không.");
  const auto text = fmt::format("Ổ đĩa còn trống {}.", size_in_words(*free));
  const std::string fix =
      "Chuyển thư mục dữ liệu sang ổ lớn hơn, hoặc xóa bớt tệp khác trên ổ này.";
  if (*free < least_free_bytes) return bad("disk_space", text, fix);
  if (*free < wanted_free_bytes) return warning("disk_space", text, fix);
  return good("disk_space", text);
}

std::string device_of(const fs::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return {};
  return fmt::format("{}:{}", major(status.st_dev), minor(status.st_dev));
}

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool has_option(std::string_view options, std::string_view option) {
  return ("," + std::string(options) + ",").find("," + std::string(option) + ",") !=
         std::string::npos;
}

Finding check_file_system(const fs::path& root) {
  const auto mount = mount_of(text_of("/proc/self/mountinfo"), device_of(root));
  if (!mount)
    return warning("file_system", "Không biết thư mục dữ liệu nằm trên hệ tệp nào.",
                   "Đặt thư mục dữ liệu trên một ổ đĩa ext4 hoặc XFS của chính máy này.");
  for (const auto* careless : {"nobarrier", "barrier=0"}) {
    if (has_option(mount->options, careless))
      return bad("file_system",
                 fmt::format("Hệ tệp {} được gắn với {}: mất điện có thể làm mất tệp đã nhận.",
                             mount->type, careless),
                 "Bỏ tùy chọn ấy trong /etc/fstab rồi gắn lại ổ đĩa.");
  }
  if (trusted_file_systems.contains(mount->type))
    return good("file_system", fmt::format("Hệ tệp {} giữ được tệp khi mất điện.", mount->type));
  if (passing_file_systems.contains(mount->type))
    return bad("file_system",
               fmt::format("Thư mục dữ liệu nằm trên {}: khởi động lại máy là mất.", mount->type),
               "Đặt thư mục dữ liệu trên một ổ đĩa thật (ext4 hoặc XFS).");
  return warning("file_system", fmt::format("Hệ tệp {} chưa được thử khi mất điện.", mount->type),
                 "Nên đặt thư mục dữ liệu trên ext4 hoặc XFS của chính máy này; ổ mạng nên dùng "
                 "làm bản sao (config.toml, replicas).");
}

/// Secrets are for the owner alone, and everything is the owner's.
std::vector<Finding> check_permissions(const DataPaths& paths) {
  std::vector<Finding> findings;
  if (::access(paths.root.c_str(), R_OK | W_OK | X_OK) != 0)
    findings.push_back(bad(
        "permissions", paths.root.string() + " không ghi được.",
        "Trao thư mục cho tài khoản chạy Kho Chung: chown -R TÀI_KHOẢN " + paths.root.string()));
  struct stat folder{};
  const bool is_shut =
      ::stat(paths.root.c_str(), &folder) == 0 && (folder.st_mode & (S_IRWXG | S_IRWXO)) == 0;
  for (const auto& secret : {paths.accounts(), paths.audit_key()}) {
    struct stat status{};
    if (::stat(secret.c_str(), &status) != 0) continue;
    if (status.st_uid != ::geteuid())
      findings.push_back(bad("permissions", secret.string() + " thuộc tài khoản khác.",
                             "Chạy Kho Chung bằng đúng tài khoản giữ thư mục dữ liệu."));
    if (!is_shut && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
      findings.push_back(bad("permissions",
                             fmt::format("Người khác trên máy đọc được {}.", secret.string()),
                             "chmod 600 " + secret.string()));
  }
  if (findings.empty()) findings.push_back(good("permissions", "Quyền trên thư mục dữ liệu đúng."));
  return findings;
}

Finding check_sync(const fs::path& root) {
  const char* preloaded = std::getenv("LD_PRELOAD");
  if (preloaded != nullptr &&
      std::string_view(preloaded).find("eatmydata") != std::string_view::npos)
    return bad("sync", "libeatmydata bỏ qua mọi lệnh ghi xuống đĩa.",
               "Chạy Kho Chung không có eatmydata.");
  const auto took = time_of_sync(root);
  if (!took)
    return bad("sync", "Ổ đĩa không ghi được: " + took.error().message,
               "Xem nhật ký hệ thống (dmesg) và thay ổ đĩa nếu nó báo lỗi.");
  const auto text = fmt::format("Ổ đĩa báo đã ghi xong sau {} µs.", took->count());
  if (*took < unbelievable_sync)
    return bad("sync", text + " Không ổ đĩa nào nhanh như vậy: lệnh ghi xuống đĩa bị bỏ qua.",
               "Với máy ảo, đặt bộ đệm đĩa không phải \"unsafe\"; tắt bộ đệm ghi không có pin.");
  if (*took > slow_sync)
    return warning("sync", text + " Ổ đĩa rất chậm: nhận tệp sẽ lâu.",
                   "Dùng ổ SSD cho thư mục dữ liệu.");
  return good("sync", text);
}

Finding check_clock() {
  struct timex state{};
  const int answer = ::adjtimex(&state);
  if (now() < Instant(std::chrono::sys_days(std::chrono::year(2025) / 1 / 1)))
    return bad("clock", "Đồng hồ máy chỉ một năm đã qua.", "Đặt lại giờ: timedatectl set-ntp true");
  if (answer == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
    return warning("clock", "Không ai giữ đồng hồ máy cho đúng giờ.",
                   "Bật đồng bộ giờ: timedatectl set-ntp true");
  return good("clock", "Đồng hồ máy được giữ đúng giờ.");
}

std::vector<Finding> check_programs(const std::vector<workers::WorkerProbe>& readers) {
  std::vector<Finding> findings;
  for (const auto& reader : readers) {
    std::string missing;
    for (const auto& one : reader.missing) missing += (missing.empty() ? "" : ", ") + one;
    const auto fix = missing.empty() ? std::string("Cài lại Kho Chung trên hạt nhân Linux từ 5.10.")
                                     : "Cài thêm: " + missing + ".";
    if (!reader.is_usable)
      findings.push_back(bad(
          "programs", fmt::format("Chương trình đọc {} không chạy được.", reader.program), fix));
    else if (!missing.empty())
      findings.push_back(warning(
          "programs", fmt::format("Chương trình đọc {} thiếu: {}.", reader.program, missing), fix));
    else if (reader.landlock == 0 && !reader.has_namespaces)
      findings.push_back(
          warning("programs",
                  fmt::format("Chương trình đọc {} chỉ được ngăn bằng seccomp và giới hạn.",
                              reader.program),
                  "Dùng hạt nhân Linux có Landlock (từ 5.13)."));
  }
  if (findings.empty())
    findings.push_back(good("programs", "Các chương trình đọc tệp và dữ liệu tiếng Việt đủ."));
  return findings;
}

Finding check_certificate(const fs::path& file) {
  const auto until = net::certificate_expires(file);
  if (!until)
    return bad("certificate", "Không đọc được chứng chỉ " + file.string() + ".",
               "Sửa tls_cert trong config.toml.");
  const auto left = std::chrono::floor<std::chrono::days>(*until - now());
  const auto text = fmt::format("Chứng chỉ còn hạn {} ngày.", left.count());
  const std::string fix = "Gia hạn chứng chỉ rồi khởi động lại máy chủ.";
  if (left.count() < 0) return bad("certificate", "Chứng chỉ đã hết hạn.", fix);
  if (left < certificate_warning) return warning("certificate", text, fix);
  return good("certificate", text);
}

Finding check_replica(const DataPaths& paths, const std::string& place) {
  if (place.starts_with("s3://")) return good("replica", "Bản sao trên S3 có trong cấu hình.");
  const auto folder = paths.root / place;
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return bad("replica", folder.string() + " không có: bản sao không được ghi.",
               "Gắn lại ổ đĩa của bản sao; nếu là ổ mới, tạo thư mục ấy.");
  if (device_of(folder) == device_of(paths.root))
    return warning("replica", folder.string() + " nằm cùng ổ đĩa với thư mục dữ liệu.",
                   "Đặt bản sao trên một ổ đĩa khác, tốt nhất trên một máy khác.");
  return good("replica", "Bản sao " + folder.string() + " ở một ổ đĩa khác.");
}

Finding check_scrub(const JsonReader& scrub, Instant at) {
  const auto period =
      std::chrono::hours(24) * std::max<std::int64_t>(scrub.integer("period_days"), 1);
  const auto ended = instant_from_rfc3339(scrub.string("last_round_ended"));
  const auto began = instant_from_rfc3339(scrub.string("began"));
  const auto since = ended ? *ended : began ? *began : at;
  if (at - since > 2 * period)
    return warning("scrub", "Đã lâu kho không được đọc lại hết một lượt.",
                   "Để máy chủ (khochung serve) chạy thường xuyên, hoặc chạy: khochung verify");
  if (!ended)
    return good("scrub",
                fmt::format("Lượt đọc lại đầu tiên đang ở {}/256.", scrub.integer("slice")));
  return good("scrub",
              "Cả kho được đọc lại lần cuối ngày " + to_rfc3339(*ended).substr(0, 10) + ".");
}

Finding check_damage(std::size_t bad_blobs) {
  if (bad_blobs == 0) return good("damage", "Không có tệp nào được biết là hỏng.");
  return bad(
      "damage", fmt::format("{} tệp trong kho hỏng hoặc thiếu.", bad_blobs),
      "Xem danh sách: khochung verify; nộp lại chính các tệp ấy, hoặc khôi phục cả kho sang thư "
      "mục khác: khochung restore.");
}

Finding check_backup(const JsonReader& backup, bool has_materials, Instant at) {
  const auto made = instant_from_rfc3339(backup.string("at"));
  const std::string fix =
      "Sao lưu ngay: khochung backup THƯ_MỤC, rồi đặt lịch chạy hằng ngày; giữ ít nhất hai bản ở "
      "hai nơi.";
  const std::string never = "Kho chưa được sao lưu lần nào.";
  if (!made) return has_materials ? bad("backup", never, fix) : warning("backup", never, fix);
  const auto text = "Sao lưu lần cuối ngày " + to_rfc3339(*made).substr(0, 10) + ".";
  if (at - *made > backup_warning) return warning("backup", text, fix);
  return good("backup", text);
}

}  // namespace

std::string_view to_text(Finding::Level level) {
  switch (level) {
    case Level::good: return "good";
    case Level::warning: return "warning";
    case Level::bad: return "bad";
  }
  return "bad";
}

Result<microseconds> time_of_sync(const fs::path& folder) {
  constexpr std::size_t tries = 9;
  constexpr std::size_t block_bytes = 4096;
  const storage::FileDescriptor file(
      ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.is_open()) return fail(storage::error_of_errno(errno, "write to " + folder.string()));
  const std::string block(block_bytes, 'k');
  std::array<microseconds, tries> times{};
  for (std::size_t i = 0; i < tries; ++i) {
    const auto offset = static_cast<off_t>(i * block_bytes);
    if (::pwrite(file.get(), block.data(), block.size(), offset) !=
        static_cast<ssize_t>(block.size()))
      return fail(storage::error_of_errno(errno, "write to " + folder.string()));
    const auto begin = std::chrono::steady_clock::now();
    if (::fsync(file.get()) != 0)
      return fail(storage::error_of_errno(errno, "sync " + folder.string()));
    times[i] = std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - begin);
  }
  std::ranges::nth_element(times, times.begin() + tries / 2);
  return times[tries / 2];
}

std::optional<Mount> mount_of(std::string_view mountinfo, std::string_view device) {
  std::optional<Mount> found;
  while (!mountinfo.empty()) {
    const auto end = std::min(mountinfo.find('\n'), mountinfo.size());
    const auto line = mountinfo.substr(0, end);
    mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
    // number parent device root point options … - type source options
    std::vector<std::string_view> words;
    for (std::size_t at = 0; at < line.size();) {
      const auto space = std::min(line.find(' ', at), line.size());
      words.push_back(line.substr(at, space - at));
      at = space + 1;
    }
    const auto dash = std::ranges::find(words, "-");
    if (words.size() < 6 || words[2] != device || words.end() - dash < 4) continue;
    found = Mount{std::string(dash[1]), std::string(words[5]) + "," + std::string(dash[3])};
  }
  return found;
}

std::vector<Finding> check_machine(const DataPaths& paths, const Config& config,
                                   const std::vector<workers::WorkerProbe>& readers) {
  std::vector<Finding> findings{check_space(paths.root), check_file_system(paths.root),
                                check_sync(paths.root), check_clock()};
  std::ranges::move(check_permissions(paths), std::back_inserter(findings));
  std::ranges::move(check_programs(readers), std::back_inserter(findings));
  if (config.tls_certificate) findings.push_back(check_certificate(*config.tls_certificate));
  for (const auto& replica : config.replicas) findings.push_back(check_replica(paths, replica));
  return findings;
}

std::vector<Finding> check_archive(const boost::json::value& preservation, Instant at) {
  const JsonReader read(preservation);
  std::vector<Finding> findings;
  const auto* object = preservation.if_object();
  if (object == nullptr) return findings;
  const auto member = [&](const char* name) {
    const auto* value = object->if_contains(name);
    return value == nullptr ? boost::json::value() : *value;
  };
  const auto scrub = member("scrub");
  const auto backup = member("last_backup");
  const auto replicas = member("replicas");
  const auto bad_blobs = member("bad_blobs");
  findings.push_back(check_scrub(JsonReader(scrub), at));
  findings.push_back(check_damage(bad_blobs.is_array() ? bad_blobs.get_array().size() : 0));
  findings.push_back(check_backup(JsonReader(backup), read.integer("materials") > 0, at));
  if (const auto behind = JsonReader(replicas).integer("slices_behind"); behind > 0)
    findings.push_back(
        warning("replica", fmt::format("Bản sao còn thiếu ở {}/256 phần của kho.", behind),
                "Để máy chủ chạy cho đến khi chép xong; xem nhật ký nếu con số không giảm."));
  return findings;
}

}  // namespace khochung::app
