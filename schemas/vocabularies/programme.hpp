#pragma once

#include <array>
#include <string_view>

namespace khochung {

/// A concept that the archive ships with, beneath another one or at the top.
struct ShippedConcept {
  std::string_view key;
  std::string_view vi;
  std::string_view en;
  std::string_view broader = {};
};

/// What the programme names beside the themes of schemas/vocabularies/themes.hpp.
/// Source: the communication programme 2023-2028 of the Confederation, part II.1.
inline constexpr auto further_themes = std::to_array<ShippedConcept>({
    {"union_role", "Tính chất, vai trò của tổ chức Công đoàn",
     "Nature and role of the trade unions"},
    {"policy_making", "Tham gia xây dựng chính sách, pháp luật",
     "Taking part in policy and law making", "care_and_protection"},
    {"membership_growth", "Phát triển đoàn viên, thành lập công đoàn cơ sở",
     "Membership growth and new grassroots unions", "care_and_protection"},
    {"foreign_relations", "Thông tin đối ngoại, hợp tác quốc tế",
     "Foreign relations and international co-operation"},
    {"ho_chi_minh_example", "Học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh",
     "Following Hồ Chí Minh's example", "emulation"},
    {"initiatives", "Đề xuất, kiến nghị, sáng kiến, hiến kế", "Proposals and initiatives",
     "workers_life"},
    {"tet_sum_vay", "Tết Sum vầy, chăm lo Tết", "Tết reunion programme", "yearly_events"},
    {"workers_month", "Tháng Công nhân, Tháng hành động về ATVSLĐ",
     "Workers' Month and the month of action on safety", "yearly_events"},
    {"labour_day", "Quốc tế Lao động 1/5", "International Workers' Day, 1 May", "yearly_events"},
    {"dialogues", "Lãnh đạo gặp gỡ, đối thoại với đoàn viên, người lao động",
     "Leaders in dialogue with members and workers", "yearly_events"},
    {"founding_day", "Ngày thành lập Công đoàn Việt Nam 28/7 và các giải thưởng",
     "Founding day of the unions, 28 July, and its awards", "yearly_events"},
    {"great_events", "Sự kiện trọng đại của đất nước, của Đảng",
     "Great events of the country and the Party", "yearly_events"},
});

/// Whom communication is for, and how they are divided. The programme names the ways of dividing;
/// the steps beneath are a proposal that each archive fits to itself.
/// Source: the same, part II.2.
inline constexpr auto audiences = std::to_array<ShippedConcept>({
    {"union_officers", "Cán bộ công đoàn các cấp", "Union officers of all levels"},
    {"members_and_workers", "Đoàn viên công đoàn, người lao động", "Members and workers"},
    {"authorities_and_employers", "Cấp ủy, chính quyền, Mặt trận, đoàn thể, người sử dụng lao động",
     "Party, state, Front, organisations, employers"},
    {"public", "Cộng đồng xã hội và mọi người dân", "The public"},
    {"international", "Cộng đồng, đối tác quốc tế, doanh nghiệp có vốn nước ngoài",
     "International partners and foreign-invested enterprises"},
    {"age", "Độ tuổi", "Age"},
    {"age_under_25", "Dưới 25 tuổi", "Under 25", "age"},
    {"age_25_34", "25 đến 34 tuổi", "25 to 34", "age"},
    {"age_35_49", "35 đến 49 tuổi", "35 to 49", "age"},
    {"age_50_over", "Từ 50 tuổi", "50 and over", "age"},
    {"gender", "Giới tính", "Gender"},
    {"women", "Nữ", "Women", "gender"},
    {"men", "Nam", "Men", "gender"},
    {"education", "Trình độ học vấn", "Education"},
    {"education_basic", "Tiểu học, trung học cơ sở", "Primary and lower secondary", "education"},
    {"education_secondary", "Trung học phổ thông", "Upper secondary", "education"},
    {"education_vocational", "Học nghề, trung cấp, cao đẳng", "Vocational and college",
     "education"},
    {"education_university", "Đại học và sau đại học", "University and above", "education"},
    {"sector", "Lĩnh vực công tác, làm việc", "Field of work"},
    {"sector_state", "Hành chính, sự nghiệp", "Public administration and services", "sector"},
    {"sector_state_enterprise", "Doanh nghiệp nhà nước", "State enterprises", "sector"},
    {"sector_private", "Doanh nghiệp ngoài nhà nước", "Private enterprises", "sector"},
    {"sector_foreign", "Doanh nghiệp có vốn đầu tư nước ngoài", "Foreign-invested enterprises",
     "sector"},
    {"sector_informal", "Lao động tự do, nghiệp đoàn", "Informal workers and their unions",
     "sector"},
    {"region", "Vùng miền", "Region"},
    {"region_industrial", "Khu công nghiệp, khu chế xuất", "Industrial zones", "region"},
    {"region_urban", "Đô thị", "Towns and cities", "region"},
    {"region_rural", "Nông thôn", "Countryside", "region"},
    {"region_remote", "Miền núi, vùng sâu, biên giới, hải đảo",
     "Mountains, remote and border areas, islands", "region"},
    {"habits", "Thói quen tiếp cận thông tin", "Habits of getting information"},
    {"habits_phone", "Qua điện thoại, mạng xã hội", "By phone and social networks", "habits"},
    {"habits_broadcast", "Qua loa truyền thanh, phát thanh, truyền hình",
     "By loudspeakers, radio and television", "habits"},
    {"habits_print", "Qua báo in, bảng tin", "By print and notice boards", "habits"},
    {"habits_meetings", "Qua hội họp, sinh hoạt công đoàn", "By meetings", "habits"},
    {"hours", "Thời gian làm việc, nghỉ ngơi", "Working and resting hours"},
    {"hours_office", "Giờ hành chính", "Office hours", "hours"},
    {"hours_shifts", "Làm ca, kíp", "Shifts", "hours"},
    {"hours_breaks", "Giờ nghỉ giữa ca", "Breaks", "hours"},
    {"hours_evenings", "Buổi tối, ngày nghỉ", "Evenings and days off", "hours"},
});

/// By what ways communication reaches people.
/// Source: the same, part III.2.
inline constexpr auto channels = std::to_array<ShippedConcept>({
    {"traditional", "Kênh truyền thống", "Traditional channels"},
    {"print_press", "Báo in", "Print press", "traditional"},
    {"television", "Truyền hình", "Television", "traditional"},
    {"radio", "Phát thanh", "Radio", "traditional"},
    {"panels", "Pa-nô, áp phích", "Panels and posters", "traditional"},
    {"loudspeakers", "Loa truyền thanh", "Loudspeakers", "traditional"},
    {"notice_boards", "Bảng tin nội bộ", "Notice boards", "traditional"},
    {"conferences", "Hội nghị, hội thảo", "Conferences and workshops", "traditional"},
    {"modern", "Kênh hiện đại", "Modern channels"},
    {"online_press", "Báo điện tử", "Online press", "modern"},
    {"portals", "Cổng, trang thông tin điện tử", "Portals and web sites", "modern"},
    {"interactive_platforms", "Nền tảng tương tác trên internet", "Interactive platforms",
     "modern"},
    {"mobile_apps", "Ứng dụng di động", "Mobile apps", "modern"},
    {"social_networks", "Mạng xã hội", "Social networks", "modern"},
    {"forums", "Diễn đàn trực tuyến", "Online forums", "modern"},
    {"events", "Sự kiện", "Events"},
});

/// In what form communication comes.
/// Source: the same, parts III.2 and III.5.
inline constexpr auto formats = std::to_array<ShippedConcept>({
    {"article", "Bài viết", "Article"},
    {"bulletin", "Bản tin", "Bulletin"},
    {"bulletin_electronic", "Bản tin điện tử", "Electronic bulletin", "bulletin"},
    {"bulletin_audio", "Bản tin âm thanh", "Audio bulletin", "bulletin"},
    {"clip", "Video, clip ngắn", "Video or short clip"},
    {"infographic", "Đồ họa thông tin", "Infographic"},
    {"lecture", "Bài giảng, trình chiếu", "Lecture or slides"},
    {"sketch", "Tiểu phẩm", "Sketch"},
    {"poster", "Áp phích", "Poster"},
    {"gift", "Quà tặng có nhận diện", "Gift with the union's identity"},
    {"book", "Sách, sổ tay", "Book or handbook"},
    {"contest", "Bài dự thi, đề thi trực tuyến", "Contest paper or online quiz"},
    {"press_kit", "Bộ tài liệu báo chí", "Press kit"},
});

}  // namespace khochung
