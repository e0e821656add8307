#pragma once

#include <array>
#include <string_view>

namespace khochung {

/// What sort of material something is: an official document type or a communication product.
struct MaterialKind {
  std::string_view key;
  std::string_view vi;
  std::string_view en;
  std::string_view code;  ///< abbreviation in document numbers ("QĐ" in 12/QĐ-TLĐ), or empty
};

/// Every kind the archive ships with, in the order that lists show them.
/// Source: Nghị định 30/2020/NĐ-CP, Điều 7 and Phụ lục III (29 types and their codes); the union's
/// own types of Quyết định 933/QĐ-TLĐ; legal texts; products of union communication.
inline constexpr auto material_kinds = std::to_array<MaterialKind>({
    {"nghi_quyet", "Nghị quyết", "Resolution", "NQ"},
    {"quyet_dinh", "Quyết định", "Decision", "QĐ"},
    {"chi_thi", "Chỉ thị", "Directive", "CT"},
    {"quy_che", "Quy chế", "Regulation", "QC"},
    {"quy_dinh", "Quy định", "Rules", "QyĐ"},
    {"thong_cao", "Thông cáo", "Communiqué", "TC"},
    {"thong_bao", "Thông báo", "Notice", "TB"},
    {"huong_dan", "Hướng dẫn", "Guidance", "HD"},
    {"chuong_trinh", "Chương trình", "Programme", "CTr"},
    {"ke_hoach", "Kế hoạch", "Plan", "KH"},
    {"phuong_an", "Phương án", "Option paper", "PA"},
    {"de_an", "Đề án", "Scheme", "ĐA"},
    {"du_an", "Dự án", "Project", "DA"},
    {"bao_cao", "Báo cáo", "Report", "BC"},
    {"bien_ban", "Biên bản", "Minutes", "BB"},
    {"to_trinh", "Tờ trình", "Submission", "TTr"},
    {"hop_dong", "Hợp đồng", "Contract", "HĐ"},
    {"cong_van", "Công văn", "Official letter", "CV"},
    {"cong_dien", "Công điện", "Official telegram", "CĐ"},
    {"ban_ghi_nho", "Bản ghi nhớ", "Memorandum", "BGN"},
    {"ban_thoa_thuan", "Bản thỏa thuận", "Agreement", "BTT"},
    {"giay_uy_quyen", "Giấy ủy quyền", "Power of attorney", "GUQ"},
    {"giay_moi", "Giấy mời", "Invitation", "GM"},
    {"giay_gioi_thieu", "Giấy giới thiệu", "Letter of introduction", "GGT"},
    {"giay_nghi_phep", "Giấy nghỉ phép", "Leave permit", "GNP"},
    {"phieu_gui", "Phiếu gửi", "Dispatch slip", "PG"},
    {"phieu_chuyen", "Phiếu chuyển", "Transfer slip", "PC"},
    {"phieu_bao", "Phiếu báo", "Notification slip", "PB"},
    {"thu_cong", "Thư công", "Official note", ""},

    {"dieu_le", "Điều lệ", "Charter", ""},
    {"chien_luoc", "Chiến lược", "Strategy", "CL"},
    {"ket_luan", "Kết luận", "Conclusion", "KL"},
    {"luat", "Luật", "Law", ""},
    {"nghi_dinh", "Nghị định", "Decree", "NĐ"},
    {"thong_tu", "Thông tư", "Circular", "TT"},

    {"bai_viet", "Bài viết", "Article", ""},
    {"bai_phat_bieu", "Bài phát biểu", "Speech", ""},
    {"ban_tin", "Bản tin", "Newsletter", ""},
    {"bao_in", "Báo, tạp chí", "Newspaper or magazine", ""},
    {"thong_cao_bao_chi", "Thông cáo báo chí", "Press release", ""},
    {"bo_tai_lieu_bao_chi", "Bộ tài liệu báo chí", "Press kit", ""},
    {"sach", "Sách, sổ tay", "Book or handbook", ""},
    {"to_roi", "Tờ rơi, tờ gấp", "Leaflet", ""},
    {"poster", "Áp phích, pa-nô", "Poster", ""},
    {"infographic", "Đồ họa thông tin", "Infographic", ""},
    {"anh", "Ảnh", "Photograph", ""},
    {"video", "Video", "Video", ""},
    {"am_thanh", "Âm thanh", "Audio", ""},
    {"bai_giang", "Bài giảng, trình chiếu", "Slides", ""},
    {"bang_tinh", "Bảng tính, số liệu", "Spreadsheet or figures", ""},
    {"bieu_mau", "Biểu mẫu", "Form", ""},
    {"nhan_dien", "Lô-gô, nhận diện", "Logo or identity", ""},
    {"website", "Trang web", "Web page", ""},
    {"khac", "Khác", "Other", ""},
});

/// The kind with this key, or nullptr.
constexpr const MaterialKind* find_kind(std::string_view key) {
  for (const auto& kind : material_kinds) {
    if (kind.key == key) return &kind;
  }
  return nullptr;
}

}  // namespace khochung
