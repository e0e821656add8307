#pragma once

#include <array>
#include <cstdint>
#include <string_view>

/// The character sets of Vietnamese text before Unicode, as facts. Only for the inside of this
/// room.
namespace khochung::text {

/// All letters with marks, capital and small in turn: the order of each table below.
inline constexpr std::u32string_view legacy_letters =
    U"ÁáÀàẢảÃãẠạÂâẤấẦầẨẩẪẫẬậĂăẮắẰằẲẳẴẵẶặĐđÉéÈèẺẻẼẽẸẹÊê"
    U"ẾếỀềỂểỄễỆệÍíÌìỈỉĨĩỊịÓóÒòỎỏÕõỌọÔôỐốỒồỔổỖỗỘộƠơỚớỜờ"
    U"ỞởỠỡỢợÚúÙùỦủŨũỤụƯưỨứỪừỬửỮữỰựÝýỲỳỶỷỸỹỴỵ";

/// The codes of `legacy_letters` in hexadecimal. In the sets of two bytes a mark follows its vowel,
/// and 00 stands before letters of one byte.
struct LegacyTable {
  std::string_view name;
  int bytes_per_code;
  std::string_view codes;
};

/// Source: TCVN 5712:1993 (TCVN3), RFC 1456 (VISCII), the font tables of VPS, VNI, ISC, BKHCM and
/// VIETWARE as published by input methods. TCVN3 and ISC have one code for a vowel with a tone, its
/// case given by the font.
inline constexpr auto legacy_tables = std::to_array<LegacyTable>({
    {"TCVN3", 1,
     "B8B8B5B5B6B6B7B7B9B9A2A9CACAC7C7C8C8C9C9CBCBA1A8BEBEBBBBBCBCBDBDC6C6A7AED0D0CCCCCECE"
     "CFCFD1D1A3AAD5D5D2D2D3D3D4D4D6D6DDDDD7D7D8D8DCDCDEDEE3E3DFDFE1E1E2E2E4E4A4ABE8E8E5E5"
     "E6E6E7E7E9E9A5ACEDEDEAEAEBEBECECEEEEF3F3EFEFF1F1F2F2F4F4A6ADF8F8F5F5F6F6F7F7F9F9FDFD"
     "FAFAFBFBFCFCFEFE"},
    {"VNI-WIN", 2,
     "41D961F941D861F841DB61FB41D561F541CF61EF41C261E241C161E141C061E041C561E541C361E341C4"
     "61E441CA61EA41C961E941C861E841DA61FA41DC61FC41CB61EB00D100F145D965F945D865F845DB65FB"
     "45D565F545CF65EF45C265E245C165E145C065E045C565E545C365E345C465E400CD00ED00CC00EC00C6"
     "00E600D300F300D200F24FD96FF94FD86FF84FDB6FFB4FD56FF54FCF6FEF4FC26FE24FC16FE14FC06FE0"
     "4FC56FE54FC36FE34FC46FE400D400F4D4D9F4F9D4D8F4F8D4DBF4FBD4D5F4F5D4CFF4EF55D975F955D8"
     "75F855DB75FB55D575F555CF75EF00D600F6D6D9F6F9D6D8F6F8D6DBF6FBD6D5F6F5D6CFF6EF59D979F9"
     "59D879F859DB79FB59D579F500CE00EE"},
    {"VPS", 1,
     "C1E180E081E482E3E5E5C2E283C384C085C4C5C5C6C688E68DA18EA28FA3F0A4A5A5F1C7C9E9D7E8DEC8"
     "FEEBCBCBCAEA9089938A948B95CD8C8CB4EDB5ECB7CCB8EFCECEB9F3BCF2BDD5BEF58686D4F496D397D2"
     "98B09987B6B6F7D69DA79EA99FAAA6ABAEAEDAFAA8F9D1FBACDBF8F8D0DCADD9AFD8B1BABBBBBFBFDD9A"
     "B2FFFD9BB3CF9C9C"},
    {"VISCII", 1,
     "C1E1C0E0C4E4C3E380D5C2E284A485A586A6E7E787A7C5E581A182A2C6C6C7C783A3D0F0C9E9C8E8CBEB"
     "88A889A9CAEA8AAA8BAB8CAC8DAD8EAECDEDCCEC9BEFCEEE98B8D3F3D2F299F6F5F59AF7D4F48FAF90B0"
     "91B192B293B5B4BD95BE96B697B7B3DE94FEDAFAD9F99CFC9DFB9EF8BFDFBAD1BBD7BCD8FFE6B9F1DDFD"
     "9FCFD6D6DBDBDCDC"},
    {"ISC", 1,
     "C0C0AAAAB6B6BABAC1C197A1CACAC7C7C8C8C9C9CBCB969FC5C5C2C2C3C3C4C4C6C698A2CFCFCCCCCDCD"
     "CECED1D199A3D5D5D2D2D3D3D4D4D6D6DBDBD8D8D9D9DADADCDCE2E2DFDFE0E0E1E1E3E39AA4E7E7E4E4"
     "E5E5E6E6E8E89BA5ECECE9E9EAEAEBEBEDEDF2F2EEEEEFEFF1F1F3F39CA7F7F7F4F4F5F5F6F6F8F8FCFC"
     "F9F9FAFAFBFBFFFF"},
    {"BKHCM2", 2,
     "41C161E141C261E241C361E341C461E441C561E500CA00EACACBEAEBCACCEAECCACDEAEDCACEEAEECAC5"
     "EAE500D900F9D9C6F9E6D9C7F9E7D9C8F9E8D9C9F9E9D9C5F9E500C000E045C165E145C265E245C365E3"
     "45C465E445C565E500CF00EFCFCBEFEBCFCCEFECCFCDEFEDCFCEEFEECFE5EFE500D100F100D200F200D3"
     "00F300D400F400D500F54FC16FE14FC26FE24FC36FE34FC46FE44FC56FE500D600F6D6CBF6EBD6CCF6EC"
     "D6CDF6EDD6CEF6EED6C5F6E500DA00FADAC1FAE1DAC2FAE2DAC3FAE3DAC4FAE4DAC5FAE555C175E155C2"
     "75E255C375E355C475E455C575E500DB00FBDBC1FBE1DBC2FBE2DBC3FBE3DBC4FBE4DBC5FBE559C179E1"
     "59C279E259C379E359C479E459C579E5"},
    {"VNI-MAC", 2,
     "41F4619D41AF61BF41F3619E41CD619B41EC619541E5618941E7618741CB61884181618C41CC618B4180"
     "618A41E661904183618E41E9618F41F2619C4186619F41E861910084009645F4659D45AF65BF45F3659E"
     "45CD659B45EC659545E5658945E7658745CB65884581658C45CC658B4580658A00EA009200ED009300AE"
     "00BE00EE009700F100984FF46F9D4FAF6FBF4FF36F9E4FCD6F9B4FEC6F954FE56F894FE76F874FCB6F88"
     "4F816F8C4FCC6F8B4F806F8A00EF0099EFF4999DEFAF99BFEFF3999EEFCD999BEFEC999555F4759D55AF"
     "75BF55F3759E55CD759B55EC75950085009A85F49A9D85AF9ABF85F39A9E85CD9A9B85EC9A9559F4799D"
     "59AF79BF59F3799E59CD799B00EB0094"},
    {"VIETWARE-X", 2,
     "41CF61EF41CC61EC41CD61ED41CE61EE41DB61FB00C100E1C1DAE1FAC1D6E1F6C1D8E1F8C1D9E1F9C1DB"
     "E1FB00C000E0C0D5E0F5C0D2E0F2C0D3E0F3C0D4E0F4C0DBE0FB00C200E245CF65EF45CC65EC45CD65ED"
     "45CE65EE45DB65FB00C300E3C3DAE3FAC3D6E3F6C3D8E3F8C3D9E3F9C3DBE3FB00CA00EA00C700E700C8"
     "00E800C900E900CB00EB4FCF6FEF4FCC6FEC4FCD6FED4FCE6FEE4FDC6FFC00C400E4C4DAE4FAC4D6E4F6"
     "C4D8E4F8C4D9E4F9C4DCE4FC00C500E5C5CFE5EFC5CCE5ECC5CDE5EDC5CEE5EEC5DCE5FC55CF75EF55CC"
     "75EC55CD75ED55CE75EE55DB75FB00C600E6C6CFE6EFC6CCE6ECC6CDE6EDC6CEE6EEC6DBE6FB59CF79EF"
     "59CC79EC59CD79ED59CE79EE59D179F1"},
});

/// What windows-1252 has in 0x80 to 0x9F; 0 where it has nothing (read as the control code, as
/// browsers do, so that nothing is lost).
inline constexpr auto windows_1252_high = std::to_array<char16_t>(
    {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
     0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
     0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178});

struct LegacyCode {
  std::uint8_t byte;
  char16_t code_point;
};

/// Where windows-1258 differs from windows-1252; its tones combine.
inline constexpr auto windows_1258_differences = std::to_array<LegacyCode>({{0x8A, 0},
                                                                            {0x8E, 0},
                                                                            {0x9A, 0},
                                                                            {0x9E, 0},
                                                                            {0xC3, 0x0102},
                                                                            {0xCC, 0x0300},
                                                                            {0xD0, 0x0110},
                                                                            {0xD2, 0x0309},
                                                                            {0xD5, 0x01A0},
                                                                            {0xDD, 0x01AF},
                                                                            {0xDE, 0x0303},
                                                                            {0xE3, 0x0103},
                                                                            {0xEC, 0x0301},
                                                                            {0xF0, 0x0111},
                                                                            {0xF2, 0x0323},
                                                                            {0xF5, 0x01A1},
                                                                            {0xFD, 0x01B0},
                                                                            {0xFE, 0x20AB}});

/// Capitals of VISCII for which many fonts had no room: among the control codes and at the no-break
/// space. The small letter's code often stands for them.
inline constexpr auto viscii_controls = std::to_array<LegacyCode>({{0xA0, 0x00D5},
                                                                   {0x02, 0x1EB2},
                                                                   {0x05, 0x1EB4},
                                                                   {0x06, 0x1EAA},
                                                                   {0x14, 0x1EF6},
                                                                   {0x19, 0x1EF8},
                                                                   {0x1E, 0x1EF4}});

/// Marks of punctuation in the Macintosh's own set, for VNI-MAC.
inline constexpr auto macintosh_marks = std::to_array<LegacyCode>({{0xA0, 0x2020},
                                                                   {0xA5, 0x2022},
                                                                   {0xAA, 0x2122},
                                                                   {0xC4, 0x0192},
                                                                   {0xC9, 0x2026},
                                                                   {0xD0, 0x2013},
                                                                   {0xD1, 0x2014},
                                                                   {0xD2, 0x201C},
                                                                   {0xD3, 0x201D},
                                                                   {0xD4, 0x2018},
                                                                   {0xD5, 0x2019},
                                                                   {0xD9, 0x0178},
                                                                   {0xDC, 0x2039},
                                                                   {0xDD, 0x203A},
                                                                   {0xE0, 0x2021},
                                                                   {0xE2, 0x201A},
                                                                   {0xE3, 0x201E},
                                                                   {0xE4, 0x2030}});

}  // namespace khochung::text
