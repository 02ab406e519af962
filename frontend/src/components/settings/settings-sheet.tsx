import { Monitor, MoonStar, Sun } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import { RadioGroup, RadioGroupItem } from "@/components/ui/radio-group";
import { Sheet } from "@/components/ui/sheet";
import { rememberLanguage } from "@/lib/storage";
import { languages, texts } from "@/lib/texts";
import { viewTexts } from "@/lib/texts/views";
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
  const changeLanguage = (language: string) => {
    rememberLanguage(language);
    // Words are everywhere; an open pour is taken up again by the page that comes back.
    window.location.reload();
  };
  const views = [
    ["/", viewTexts.settings.guest],
    ["/host", viewTexts.settings.host],
    ["/wall", viewTexts.settings.wall],
  ] as const;
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={viewTexts.settings.title}
      closeLabel={viewTexts.settings.close}
    >
      <div className="flex flex-col gap-5">
        <Setting title={viewTexts.settings.theme}>
          <RadioGroup
            aria-label={viewTexts.settings.theme}
            value={theme}
            onValueChange={changeTheme}
          >
            {themeChoices.map((choice) => {
              const Icon = themeIcons[choice];
              return (
                <RadioGroupItem key={choice} value={choice} size="tall">
                  <Icon className="mx-auto mb-1 size-5" aria-hidden />
                  <span>{viewTexts.settings.themes[choice]}</span>
                </RadioGroupItem>
              );
            })}
          </RadioGroup>
        </Setting>
        <Setting title={viewTexts.settings.language}>
          <RadioGroup
            aria-label={viewTexts.settings.language}
            value={texts.locale}
            onValueChange={changeLanguage}
          >
            {Object.entries(languages).map(([language, name]) => (
              <RadioGroupItem key={language} value={language} lang={language}>
                {name}
              </RadioGroupItem>
            ))}
          </RadioGroup>
        </Setting>
        <Setting title={viewTexts.settings.views}>
          <nav className="flex flex-wrap gap-2">
            {views.map(([path, name]) => (
              <Link
                key={path}
                href={path}
                onClick={onClose}
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
