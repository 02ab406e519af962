import { photoButton, plainUrl, scanner, test } from "./badge-party";
import { expect } from "./party";

// The recorder would fetch the picture that is none, which the page's policy forbids: an error of
// its own making.
test.use({ trace: "off" });

test("a file that is no picture is said to be so, and typing is left", async ({
  guest,
  server,
}) => {
  await guest.page.goto(plainUrl(server));
  const file = { name: "a.png", mimeType: "image/png", buffer: Buffer.from("not a picture") };
  await photoButton(guest).setInputFiles(file);
  await expect(scanner(guest).getByRole("alert")).toContainText("This picture cannot be read.");
  await guest.button("Type instead").click();
  await expect(guest.page.getByRole("textbox", { name: "Who is pouring?" })).toBeFocused();
});
