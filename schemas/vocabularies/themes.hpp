#pragma once

#include <array>
#include <string_view>

namespace khochung {

/// A theme of union communication, and words that find materials on it.
struct Theme {
  std::string_view key;
  std::string_view vi;
  std::string_view en;
  std::string_view words;
};

/// The themes that the archive ships with, in the order that pages show them.
/// Source: the communication programme 2023-2028 of the Confederation, part II.1.
inline constexpr auto themes = std::to_array<Theme>({
    {"policy_and_law", "Chính sách, pháp luật cho người lao động", "Policy and law for workers",
     "chính sách pháp luật"},
    {"benefits", "Vào công đoàn để làm gì, có quyền lợi gì?",
     "Why join the union: members' benefits", "phúc lợi đoàn viên"},
    {"care_and_protection", "Chăm lo, bảo vệ người lao động", "Care and protection of workers",
     "chăm lo bảo vệ"},
    {"safety", "An toàn, vệ sinh lao động", "Occupational safety and health",
     "an toàn vệ sinh lao động"},
    {"emulation", "Người tốt, việc tốt và thi đua", "Good people, good deeds, emulation",
     "thi đua khen thưởng"},
    {"against_false_news", "Thông tin đúng, phản bác tin giả",
     "Right information against false news", "phát ngôn báo chí"},
    {"values", "Truyền thống và giá trị cốt lõi", "Traditions and core values",
     "truyền thống công đoàn"},
    {"workers_life", "Đời sống, việc làm, sáng kiến", "Workers' life, jobs and initiatives",
     "đời sống việc làm"},
    {"yearly_events", "Hoạt động nổi bật trong năm", "Outstanding events of the year",
     "tháng công nhân"},
});

}  // namespace khochung
