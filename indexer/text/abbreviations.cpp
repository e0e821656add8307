#include "indexer/text/abbreviations.hpp"

#include <array>
#include <string>
#include <unordered_map>

#include "indexer/text/vietnamese.hpp"

namespace khochung::text {

namespace {

struct Abbreviation {
  std::string_view brief;
  std::string_view full;
};

/// In marked form. Only such as have one meaning in this archive.
constexpr auto abbreviations = std::to_array<Abbreviation>({
    {"tlđ", "tổng liên đoàn"},
    {"tlđlđvn", "tổng liên đoàn lao động việt nam"},
    {"lđlđ", "liên đoàn lao động"},
    {"lđlđvn", "liên đoàn lao động việt nam"},
    {"cđvn", "công đoàn việt nam"},
    {"cđcs", "công đoàn cơ sở"},
    {"cđcstv", "công đoàn cơ sở thành viên"},
    {"cđn", "công đoàn ngành"},
    {"cđtct", "công đoàn tổng công ty"},
    {"cđgd", "công đoàn giáo dục"},
    {"cđvc", "công đoàn viên chức"},
    {"cđbp", "công đoàn bộ phận"},
    {"đvcđ", "đoàn viên công đoàn"},
    {"cbcđ", "cán bộ công đoàn"},
    {"cnvclđ", "công nhân viên chức lao động"},
    {"cnvc", "công nhân viên chức"},
    {"cnlđ", "công nhân lao động"},
    {"cbccvc", "cán bộ công chức viên chức"},
    {"cbcnv", "cán bộ công nhân viên"},
    {"cbccvclđ", "cán bộ công chức viên chức lao động"},
    {"ccvc", "công chức viên chức"},
    {"nlđ", "người lao động"},
    {"nsdlđ", "người sử dụng lao động"},
    {"bch", "ban chấp hành"},
    {"btv", "ban thường vụ"},
    {"đct", "đoàn chủ tịch"},
    {"bcđ", "ban chỉ đạo"},
    {"ubkt", "ủy ban kiểm tra"},
    {"uv", "ủy viên"},
    {"uvbch", "ủy viên ban chấp hành"},
    {"đhcđ", "đại hội công đoàn"},
    {"tưlđtt", "thỏa ước lao động tập thể"},
    {"hđlđ", "hợp đồng lao động"},
    {"bllđ", "bộ luật lao động"},
    {"qhlđ", "quan hệ lao động"},
    {"tclđ", "tranh chấp lao động"},
    {"qcdc", "quy chế dân chủ"},
    {"atvslđ", "an toàn vệ sinh lao động"},
    {"atlđ", "an toàn lao động"},
    {"bhlđ", "bảo hộ lao động"},
    {"tnlđ", "tai nạn lao động"},
    {"bnn", "bệnh nghề nghiệp"},
    {"pccc", "phòng cháy chữa cháy"},
    {"pccn", "phòng chống cháy nổ"},
    {"bhxh", "bảo hiểm xã hội"},
    {"bhyt", "bảo hiểm y tế"},
    {"bhtn", "bảo hiểm thất nghiệp"},
    {"kpcđ", "kinh phí công đoàn"},
    {"btg", "ban tuyên giáo"},
    {"tđkt", "thi đua khen thưởng"},
    {"nvhlđ", "nhà văn hóa lao động"},
    {"cnh", "công nghiệp hóa"},
    {"hđh", "hiện đại hóa"},
    {"cnhhđh", "công nghiệp hóa hiện đại hóa"},
    {"gccn", "giai cấp công nhân"},
    {"kcn", "khu công nghiệp"},
    {"kcx", "khu chế xuất"},
    {"kkt", "khu kinh tế"},
    {"dnnn", "doanh nghiệp nhà nước"},
    {"dntn", "doanh nghiệp tư nhân"},
    {"sxkd", "sản xuất kinh doanh"},
    {"cchc", "cải cách hành chính"},
    {"tthc", "thủ tục hành chính"},
    {"ubnd", "ủy ban nhân dân"},
    {"hđnd", "hội đồng nhân dân"},
    {"ubmttq", "ủy ban mặt trận tổ quốc"},
    {"mttq", "mặt trận tổ quốc"},
    {"mttqvn", "mặt trận tổ quốc việt nam"},
    {"đbqh", "đại biểu quốc hội"},
    {"ttcp", "thủ tướng chính phủ"},
    {"bchtw", "ban chấp hành trung ương"},
    {"bbt", "ban bí thư"},
    {"ctqg", "chính trị quốc gia"},
    {"tncs", "thanh niên cộng sản"},
    {"tncshcm", "thanh niên cộng sản hồ chí minh"},
    {"đtn", "đoàn thanh niên"},
    {"lhpn", "liên hiệp phụ nữ"},
    {"hpn", "hội phụ nữ"},
    {"ccb", "cựu chiến binh"},
    {"lđtbxh", "lao động thương binh và xã hội"},
    {"bnv", "bộ nội vụ"},
    {"gdđt", "giáo dục và đào tạo"},
    {"khđt", "kế hoạch và đầu tư"},
    {"tnmt", "tài nguyên và môi trường"},
    {"nnptnt", "nông nghiệp và phát triển nông thôn"},
    {"gtvt", "giao thông vận tải"},
    {"vhttdl", "văn hóa thể thao và du lịch"},
    {"ttlt", "thông tư liên tịch"},
    {"vbqppl", "văn bản quy phạm pháp luật"},
    {"tnhh", "trách nhiệm hữu hạn"},
    {"ctcp", "công ty cổ phần"},
    {"tct", "tổng công ty"},
    {"bđbp", "bộ đội biên phòng"},
    {"cand", "công an nhân dân"},
    {"llvt", "lực lượng vũ trang"},
    {"xhcn", "xã hội chủ nghĩa"},
    {"chxhcn", "cộng hòa xã hội chủ nghĩa"},
    {"cnxh", "chủ nghĩa xã hội"},
    {"ktxh", "kinh tế xã hội"},
    {"attp", "an toàn thực phẩm"},
    {"bvmt", "bảo vệ môi trường"},
    {"cmnd", "chứng minh nhân dân"},
    {"khhgđ", "kế hoạch hóa gia đình"},
    {"dskhhgđ", "dân số kế hoạch hóa gia đình"},
    {"lđst", "lao động sáng tạo"},
    {"nơxh", "nhà ở xã hội"},
    {"thpt", "trung học phổ thông"},
    {"cntt", "công nghệ thông tin"},
    {"cccd", "căn cước công dân"},
    {"cđs", "chuyển đổi số"},
    {"nđcs", "nghiệp đoàn cơ sở"},
    {"cđkcn", "công đoàn khu công nghiệp"},
    {"đpcđ", "đoàn phí công đoàn"},
    {"ubtvqh", "ủy ban thường vụ quốc hội"},
});

using Lookup = std::unordered_map<std::string, std::string_view>;

/// Marked spellings first; a folded one is added where no other entry has it already.
Lookup make_lookup(std::string_view Abbreviation::* from, std::string_view Abbreviation::* to) {
  Lookup lookup;
  for (const auto& entry : abbreviations) lookup.emplace(entry.*from, entry.*to);
  for (const auto& entry : abbreviations) lookup.emplace(folded_form(entry.*from), entry.*to);
  return lookup;
}

std::string_view find(const Lookup& lookup, std::string_view text) {
  const auto found = lookup.find(marked_form(text));
  return found == lookup.end() ? std::string_view() : found->second;
}

}  // namespace

std::string_view expansion_of(std::string_view abbreviation) {
  static const auto lookup = make_lookup(&Abbreviation::brief, &Abbreviation::full);
  return find(lookup, abbreviation);
}

std::string_view abbreviation_of(std::string_view phrase) {
  static const auto lookup = make_lookup(&Abbreviation::full, &Abbreviation::brief);
  return find(lookup, phrase);
}

}  // namespace khochung::text
