import { Monitor, MoonStar, Sun } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import { Button } from "@/components/ui/button";
import { RadioGroup, RadioGroupItem } from "@/components/ui/radio-group";
import { Sheet } from "@/components/ui/sheet";
import { useLanguage } from "@/hooks/use-language";
import { rememberLanguage, remembersForGood } from "@/lib/storage";
import { settingsTexts } from "@/lib/texts/settings";
import { type Language, languages, speak } from "@/lib/texts/speech";
import { chooseTheme, chosenTheme, type ThemeChoice, themeChoices } from "@/lib/theme";

const themeIcons = { system: Monitor, dark: MoonStar, light: Sun };

function Setting({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="pb-1.5 text-sm font-semibold text-muted-foreground">{title}</h3>
      <div className="contents">{children}</div>
    </section>
  );
}

/** Language, light, and the way to the other views. */
export default function SettingsSheet({ onClose }: { onClose: () => void }) {
  const [theme, setTheme] = useState(chosenTheme);
  const changeTheme = (choice: string) => {
    chooseTheme(choice as ThemeChoice);
    setTheme(choice as ThemeChoice);
  };
  // Words come as a script, so not for each language that an arrow key passes.
  const spoken = useLanguage();
  const [language, setLanguage] = useState<Language>(spoken);
  const changeLanguage = async () => {
    // Where its script does not come, the button stays to be pressed again.
    if (!(await speak(language))) return;
    rememberLanguage(language);
    onClose();
  };
  const views = [
    ["/", settingsTexts.guest],
    ["/host", settingsTexts.host],
    ["/wall", settingsTexts.wall],
  ] as const;
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={settingsTexts.title}
      closeLabel={settingsTexts.close}
    >
      <div className="flex flex-col gap-5">
        <Setting title={settingsTexts.theme}>
          <RadioGroup aria-label={settingsTexts.theme} value={theme} onValueChange={changeTheme}>
            {themeChoices.map((choice) => {
              const Icon = themeIcons[choice];
              return (
                <RadioGroupItem key={choice} value={choice} size="tall">
                  <Icon className="mx-auto mb-1 size-5" aria-hidden />
                  <span>{settingsTexts.themes[choice]}</span>
                </RadioGroupItem>
              );
            })}
          </RadioGroup>
        </Setting>
        <Setting title={settingsTexts.language}>
          <RadioGroup
            aria-label={settingsTexts.language}
            value={language}
            onValueChange={(name) => setLanguage(name as Language)}
          >
            {Object.entries(languages).map(([language, name]) => (
              <RadioGroupItem key={language} value={language} lang={language}>
                {name}
              </RadioGroupItem>
            ))}
          </RadioGroup>
          {language !== spoken && (
            <Button className="mt-2 w-full" onClick={changeLanguage}>
              {settingsTexts.apply({ language: languages[language] })}
            </Button>
          )}
        </Setting>
        {!remembersForGood() && (
          <p role="status" className="text-sm text-warning-text">
            {settingsTexts.notKept}
          </p>
        )}
        <Setting title={settingsTexts.views}>
          <nav className="flex flex-wrap gap-2">
            {views.map(([path, name]) => (
              <Link
                key={path}
                href={path}
                onClick={onClose}
                // In the place of the entry that lets Back close this sheet.
                replace
                className="grid min-h-11 flex-1 place-items-center rounded-xl border bg-secondary px-4 font-semibold text-secondary-foreground"
              >
                {name}
              </Link>
            ))}
          </nav>
        </Setting>
      </div>
    </Sheet>
  );
}
