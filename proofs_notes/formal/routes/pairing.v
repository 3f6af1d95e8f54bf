(** R7 [ours] (blueprint, section 2), the pairing route: the 2l lightest neurons in pairs (j, i); the outgoing
    weights of j are scaled by 1 + e/s_j, those of i by 1 - e/s_i, and one of the two dies. The choice of e is
    derandomised: of its two values one does not increase the norm more than the mean square.

    Definitions: [sq], the squared norm, weighted; [pair_slots], the slots of a list of pairs; [scale], the columns
    V_j and A_j times r_j; [effect_index], [effect_weight], the points and coordinates of V z and A z side by side,
    and their weights; [effect], what one neuron does there, Lambda times on A z; [pairing_constant], c = 1 if
    Lambda = 0, else sqrt 2.
    Statements: R7, R8. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths selection.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import perturb losses slots.
From Skipscape.routes Require Import route.
Import ListNotations.
Open Scope R_scope.

(** * The derandomised choice in a Euclidean space *)

Section Choice.
Context {I : Type} (L : list I) (p : I -> R).
Hypothesis Hp : forall i, 0 <= p i.

Definition sq (f : I -> R) : R := lsum L (fun i => p i * (f i)^2).

Lemma sq_expand (f d : I -> R) e :
  sq (fun i => f i + e * d i) = sq f + 2 * e * lsum L (fun i => p i * (f i * d i)) + e^2 * sq d.
Proof. unfold sq. rewrite <- !lsum_scal, <- !lsum_plus. apply lsum_ext; intros; ring. Qed.

(** e = -a or e = b: with probabilities b/(a+b), a/(a+b) the mean is 0 and the mean square a b *)
Lemma choose_sign (f d : I -> R) (a b : R) : 0 < a -> 0 < b ->
  exists e, (e = - a \/ e = b) /\ sq (fun i => f i + e * d i) <= sq f + a * b * sq d.
Proof.
  intros Ha Hb. set (c := lsum L (fun i => p i * (f i * d i))).
  destruct (Rle_dec (sq f + 2 * (- a) * c + (- a)^2 * sq d) (sq f + a * b * sq d)) as [H|H].
  - exists (- a). split; [now left|]. now rewrite sq_expand.
  - exists b. split; [now right|]. rewrite sq_expand. fold c.
    (* the two values average to the bound *)
    assert (Hmean : b * (sq f + 2 * (- a) * c + (- a)^2 * sq d) + a * (sq f + 2 * b * c + b^2 * sq d)
                    = (a + b) * (sq f + a * b * sq d)) by ring.
    apply Rnot_le_lt in H. apply (Rmult_le_reg_l a); [easy|].
    assert (b * (sq f + a * b * sq d) < b * (sq f + 2 * (- a) * c + (- a)^2 * sq d))
      by now apply Rmult_lt_compat_l.
    lra.
Qed.

(** what has norm 0 can be dropped *)
Lemma drop_null (f g : I -> R) : sq g <= 0 -> sq (fun i => f i + (-1) * g i) <= sq f.
Proof.
  intros Hg. rewrite sq_expand. set (c := lsum L (fun i => p i * (f i * g i))).
  assert (Hg0 : 0 <= sq g) by (apply lsum_nonneg; intros; apply Rmult_le_pos; [apply Hp | apply pow2_ge_0]).
  assert (Hc : 0 <= c).
  { pose proof (Cauchy_Schwarz L p Hp f (fun i => - g i)) as H. rewrite wnorm_opp in H.
    unfold wnorm at 2 in H. fold (sq g) in H. replace (sq g) with 0 in H by lra. rewrite sqrt_0 in H.
    rewrite (lsum_ext L _ (fun i => (-1) * (p i * (f i * g i)))) in H by (intros; ring).
    rewrite lsum_scal in H. fold c in H. lra. }
  lra.
Qed.

(** one pair: masses a, b, effects u, v on the output; u/a and v/b differ by at most sqrt e.
    Factors for the two; the first or the second (flag) is 0; the mass stays. *)
Lemma pair_step (f u v : I -> R) (a b e : R) : 0 <= a -> 0 <= b -> (a = 0 -> sq u <= 0) -> (b = 0 -> sq v <= 0) ->
  (0 < a -> 0 < b -> sq (fun x => / a * u x - / b * v x) <= e) ->
  exists (first : bool) ra rb, (if first then ra = 0 else rb = 0) /\ 0 <= ra /\ 0 <= rb /\
    ra * a + rb * b = a + b /\
    sq (fun i => f i + (ra - 1) * u i + (rb - 1) * v i) <= sq f + e * (a * b).
Proof.
  intros Ha Hb Hu Hv Hclose.
  destruct (Req_dec a 0) as [Ea|Ea]; [|destruct (Req_dec b 0) as [Eb|Eb]].
  - exists true, 0, 1. specialize (Hu Ea). subst a. repeat split; try lra.
    replace (fun i => f i + (0 - 1) * u i + (1 - 1) * v i) with (fun i => f i + (-1) * u i)
      by (apply functional_extensionality; intros; ring).
    pose proof (drop_null f u) as H. lra.
  - exists false, 1, 0. specialize (Hv Eb). subst b. repeat split; try lra.
    replace (fun i => f i + (1 - 1) * u i + (0 - 1) * v i) with (fun i => f i + (-1) * v i)
      by (apply functional_extensionality; intros; ring).
    pose proof (drop_null f v) as H. lra.
  - assert (Ha' : 0 < a) by lra. assert (Hb' : 0 < b) by lra.
    set (d := fun x => / a * u x - / b * v x). pose proof (Hclose Ha' Hb') as Hd. fold d in Hd.
    destruct (choose_sign f d a b Ha' Hb') as (h & He & Hstep).
    exists (if Rle_dec h 0 then true else false), (1 + h / a), (1 - h / b).
    pose proof (Rinv_0_lt_compat _ Ha') as Ia. pose proof (Rinv_0_lt_compat _ Hb') as Ib.
    split; [|split; [|split; [|split]]].
    + destruct He as [-> | ->]; destruct (Rle_dec _ 0); try lra; field; lra.
    + destruct He as [-> | ->]; [right; field; lra|].
      assert (0 < b / a) by now apply Rmult_lt_0_compat. lra.
    + destruct He as [-> | ->]; [|right; field; lra].
      assert (0 < a / b) by now apply Rmult_lt_0_compat. unfold Rdiv in *. lra.
    + field. lra.
    + replace (fun i => f i + (1 + h / a - 1) * u i + (1 - h / b - 1) * v i) with (fun x => f x + h * d x).
      * eapply Rle_trans; [exact Hstep|].
        assert (a * b * sq d <= a * b * e)
          by (apply Rmult_le_compat_l; [left; now apply Rmult_lt_0_compat | easy]).
        lra.
      * apply functional_extensionality; intros x. unfold d. field. lra.
Qed.

(** with u <= c a^2, v <= c b^2 the two unit effects differ by at most 2 sqrt c *)
Lemma units_apart (u v : I -> R) (a b c : R) : 0 < a -> 0 < b -> sq u <= c * a^2 -> sq v <= c * b^2 ->
  sq (fun x => / a * u x - / b * v x) <= 4 * c.
Proof.
  intros Ha Hb Hu Hv. apply Rle_trans with (2 * (/ a)^2 * sq u + 2 * (/ b)^2 * sq v).
  - unfold sq. rewrite <- !lsum_scal, <- lsum_plus. apply lsum_le; intros x _.
    set (a' := / a * u x). set (b' := / b * v x).
    replace (2 * (/ a)^2 * (p x * (u x)^2) + 2 * (/ b)^2 * (p x * (v x)^2))
      with (p x * (2 * a'^2 + 2 * b'^2)) by (unfold a', b'; ring).
    apply Rmult_le_compat_l; [apply Hp|]. pose proof (pow2_ge_0 (a' + b')). lra.
  - assert (Hunit : forall s q, 0 < s -> q <= c * s^2 -> (/ s)^2 * q <= c).
    { intros s q Hs Hq. apply Rle_trans with ((/ s)^2 * (c * s^2)).
      - apply Rmult_le_compat_l; [apply pow2_ge_0 | easy].
      - right. field. lra. }
    pose proof (Hunit a _ Ha Hu). pose proof (Hunit b _ Hb Hv). lra.
Qed.
End Choice.

(** * One pair after the other *)

(** the slots of a list of pairs *)
Definition pair_slots (T : list (nat * nat)) : list nat := flat_map (fun ji => [fst ji; snd ji]) T.

Section Greedy.
Context {I : Type} (L : list I) (p : I -> R).
Hypothesis Hp : forall i, 0 <= p i.
Variables (s : nat -> R) (phi : nat -> I -> R).
Hypothesis Hs : forall j, 0 <= s j.

(** factors r_j of the outgoing weights: in every pair one is 0, and the mass stays; e bounds how far the two unit
    effects of any pair are apart, squared *)
Theorem greedy_close e (T : list (nat * nat)) : NoDup (pair_slots T) ->
  (forall j, In j (pair_slots T) -> s j = 0 -> sq L p (phi j) <= 0) ->
  (forall ji, In ji T -> 0 < s (fst ji) -> 0 < s (snd ji) ->
    sq L p (fun x => / s (fst ji) * phi (fst ji) x - / s (snd ji) * phi (snd ji) x) <= e) ->
  exists (J : list nat) (r : nat -> R), NoDup J /\ length J = length T /\ incl J (pair_slots T) /\
    (forall j, In j J -> r j = 0) /\ (forall j, 0 <= r j) /\
    \sum_(j in pair_slots T) (r j * s j) = \sum_(j in pair_slots T) s j /\
    sq L p (fun i => \sum_(j in pair_slots T) ((r j - 1) * phi j i))
      <= e * \sum_(ji in T) (s (fst ji) * s (snd ji)).
Proof.
  induction T as [|[j i] T IH]; intros HN Hzero0 Hclose.
  - exists nil, (fun _ => 1). split; [constructor|]. split; [easy|]. split; [easy|]. split; [easy|].
    split; [intros; lra|]. split; [easy|]. simpl. unfold sq. rewrite lsum_zero by (intros; ring). lra.
  - cbn [pair_slots flat_map app fst snd] in *. fold (pair_slots T) in *.
    inversion_clear HN as [|? ? Hj HN']. inversion_clear HN' as [|? ? Hi HN''].
    assert (Hji : i <> j) by (intros ->; apply Hj; now left).
    assert (HjT : ~ In j (pair_slots T)) by (intros H; apply Hj; now right).
    destruct (IH HN'' ltac:(intros k Hk; apply Hzero0; simpl; auto) ltac:(intros ji Hin; apply Hclose; now right))
      as (J & r & HNJ & HL & Hincl & Hzero & Hpos & Hmass & Hsq).
    set (f := fun x => \sum_(k in pair_slots T) ((r k - 1) * phi k x)) in *.
    destruct (pair_step L p Hp f (phi j) (phi i) (s j) (s i) e (Hs j) (Hs i) (Hzero0 j ltac:(simpl; auto))
      (Hzero0 i ltac:(simpl; auto)) (Hclose (j, i) ltac:(now left)))
      as (first & ra & rb & Hdead & Hra & Hrb & Hmass2 & Hstep).
    set (r' := fun k => if Nat.eqb k j then ra else if Nat.eqb k i then rb else r k).
    assert (Rj : r' j = ra) by (unfold r'; now rewrite Nat.eqb_refl).
    assert (Ri : r' i = rb).
    { unfold r'. apply Nat.eqb_neq in Hji. now rewrite Hji, Nat.eqb_refl. }
    assert (Rk : forall k, In k (pair_slots T) -> r' k = r k).
    { intros k Hk. unfold r'. destruct (Nat.eqb_spec k j) as [->|_]; [easy|].
      destruct (Nat.eqb_spec k i) as [->|_]; easy. }
    exists ((if first then j else i) :: J), r'.
    split; [|split; [|split; [|split; [|split; [|split]]]]].
    + constructor; [|easy]. intros H. apply Hincl in H. now destruct first.
    + simpl. now rewrite HL.
    + intros k [<-|Hk]; [destruct first; simpl; tauto|]. right. right. now apply Hincl.
    + intros k [<-|Hk]; [destruct first; congruence|]. rewrite Rk by now apply Hincl. now apply Hzero.
    + intros k. unfold r'. destruct (Nat.eqb k j); [easy|]. destruct (Nat.eqb k i); easy.
    + cbn [lsum]. rewrite Rj, Ri, (lsum_ext (pair_slots T) _ (fun k => r k * s k)) by (intros k Hk; now rewrite Rk).
      rewrite Hmass. lra.
    + cbn [lsum fst snd].
      replace (fun x => (r' j - 1) * phi j x + ((r' i - 1) * phi i x + \sum_(k in pair_slots T) ((r' k - 1) * phi k x)))
        with (fun x => f x + (ra - 1) * phi j x + (rb - 1) * phi i x).
      * eapply Rle_trans; [exact Hstep | lra].
      * apply functional_extensionality; intros x. rewrite Rj, Ri. unfold f.
        rewrite (lsum_ext (pair_slots T) (fun k => (r' k - 1) * phi k x) (fun k => (r k - 1) * phi k x))
          by (intros k Hk; now rewrite Rk).
        ring.
Qed.

(** R7: where every effect is at most sqrt c times its mass, any two unit effects are 2 sqrt c apart at most *)
Theorem greedy_factors c (T : list (nat * nat)) : NoDup (pair_slots T) ->
  (forall j, sq L p (phi j) <= c * (s j)^2) ->
  exists (J : list nat) (r : nat -> R), NoDup J /\ length J = length T /\ incl J (pair_slots T) /\
    (forall j, In j J -> r j = 0) /\ (forall j, 0 <= r j) /\
    \sum_(j in pair_slots T) (r j * s j) = \sum_(j in pair_slots T) s j /\
    sq L p (fun i => \sum_(j in pair_slots T) ((r j - 1) * phi j i))
      <= 4 * c * \sum_(ji in T) (s (fst ji) * s (snd ji)).
Proof.
  intros HN Hphi. apply greedy_close; [easy | |].
  - intros j _ E. specialize (Hphi j). rewrite E in Hphi. lra.
  - intros ji _ Ha Hb. now apply units_apart.
Qed.
End Greedy.

(** every list of even length is a list of pairs *)
Lemma pair_up : forall (l : nat) (J : list nat), length J = (2 * l)%nat ->
  exists T, pair_slots T = J /\ length T = l.
Proof.
  induction l as [|l IH]; intros J HJ.
  - exists nil. now destruct J.
  - destruct J as [|a [|b J]]; simpl in HJ; try lia.
    destruct (IH J ltac:(lia)) as (T & HT & HL). exists ((a, b) :: T). split.
    + cbn [pair_slots flat_map app fst snd]. fold (pair_slots T). now rewrite HT.
    + simpl. now rewrite HL.
Qed.

Lemma pair_in T ji : In ji T -> In (fst ji) (pair_slots T) /\ In (snd ji) (pair_slots T).
Proof. intros H. split; apply in_flat_map; exists ji; simpl; auto. Qed.

Section Pairing.
Variables (X : data) (m : nat) (B : branch).

(** outgoing weights scaled *)
Definition scale (P : param) (r : nat -> R) : param :=
  make (W P) (fun j c => r j * V P j c) (fun j a => r j * A P j a) (U P) (Q P).

Lemma scale_mass lam P r : (forall j, 0 <= r j) ->
  mass X m B lam (scale P r) = \sum_(j < m) (r j * neuron_mass X B lam P j).
Proof.
  intros Hr. apply lsum_ext; intros j _. unfold neuron_mass.
  change (V (scale P r) j) with (fun c => r j * V P j c). change (A (scale P r) j) with (fun a => r j * A P j a).
  change (W (scale P r) j) with (W P j). rewrite !enorm_scal_pos by easy. ring.
Qed.

(** the effect of a neuron: on V z, and Lambda times that on A z, side by side *)
Definition effect_index : list (nat * nat + nat * nat) :=
  map inl (list_prod (seq 0 (points X)) (seq 0 (outputs X))) ++
  map inr (list_prod (seq 0 (points X)) (seq 0 (branch_in B))).
Definition effect_weight (x : nat * nat + nat * nat) : R :=
  match x with inl kc => weight X (fst kc) | inr ka => weight X (fst ka) end.
Definition effect (lam : R) (P : param) (j : nat) (x : nat * nat + nat * nat) : R :=
  match x with
  | inl kc => V P j (snd kc) * feature X P (fst kc) j
  | inr ka => lam * (A P j (snd ka) * feature X P (fst ka) j)
  end.

Lemma sq_both (f : nat * nat + nat * nat -> R) : sq effect_index effect_weight f
  = (l2norm X (outputs X) (fun k c => f (inl (k, c))))^2 + (l2norm X (branch_in B) (fun k a => f (inr (k, a))))^2.
Proof.
  unfold sq, effect_index. rewrite lsum_app, !lsum_map. unfold l2norm. rewrite !wnorm_sq by apply weight_fst.
  f_equal; apply lsum_ext; intros [k c] _; easy.
Qed.

Lemma effect_bound sigma lam P j : moment X sigma -> 0 <= lam ->
  sq effect_index effect_weight (effect lam P j) <= sigma^2 * (neuron_mass X B lam P j)^2.
Proof.
  intros Hs Hlam. pose proof Hs as [Hs0 _]. set (z := fun k => feature X P k j).
  assert (Hz : pnorm X z <= sigma * enorm (seen X) (W P j)).
  { eapply Rle_trans; [|now apply (moment_norm X sigma Hs (W P j))].
    apply wnorm_mono; [apply weight_nonneg|]. intros k _. unfold z, feature.
    relu_cases; lra. }
  assert (Hone : forall n (u : vector), l2norm X n (fun k c => u c * z k) = enorm n u * pnorm X z).
  { intros n u. apply (wnorm_rank1 (seq 0 (points X)) (seq 0 n) (weight X) z u), weight_nonneg. }
  rewrite sq_both.
  change (fun k c => effect lam P j (inl (k, c))) with (fun k c => V P j c * z k).
  change (fun k a => effect lam P j (inr (k, a))) with (fun k a => lam * (A P j a * z k)).
  rewrite l2norm_scal_pos, !Hone by easy. unfold neuron_mass.
  pose proof (enorm_nonneg (outputs X) (V P j)) as Hv. pose proof (enorm_nonneg (branch_in B) (A P j)) as Ha.
  pose proof (wnorm_nonneg (seq 0 (points X)) (weight X) z) as Hz0. fold (pnorm X z) in Hz0.
  set (v := enorm (outputs X) (V P j)) in *. set (a := enorm (branch_in B) (A P j)) in *.
  set (q := pnorm X z) in *. set (w := enorm (seen X) (W P j)) in *.
  assert (Hla : 0 <= lam * a) by now apply Rmult_le_pos.
  apply Rle_trans with (q^2 * (v + lam * a)^2).
  - assert (0 <= q^2 * (v * (lam * a))) by (apply Rmult_le_pos; [nra | now apply Rmult_le_pos]). nra.
  - apply Rle_trans with ((sigma * w)^2 * (v + lam * a)^2); [|right; ring].
    apply Rmult_le_compat_r; [apply pow2_ge_0|]. apply pow_incr. split; [easy | exact Hz].
Qed.

Lemma add_le_sqrt2 a b c : 0 <= a -> 0 <= b -> 0 <= c -> a^2 + b^2 <= c^2 -> a + b <= sqrt 2 * c.
Proof.
  intros Ha Hb Hc H. pose proof (sqrt_pos 2) as H2.
  apply Rsqr_incr_0; [|lra | now apply Rmult_le_pos].
  rewrite !Rsqr_pow2, Rpow_mult_distr, pow2_sqrt by lra. pose proof (pow2_ge_0 (a - b)). lra.
Qed.

(** the constant c of the route: 1 if Lambda = 0, else sqrt 2 *)
Definition pairing_constant (lam c : R) : Prop := (lam = 0 /\ c = 1) \/ c = sqrt 2.

(** what scaled outgoing weights do: K are scaled by r, J in K die; q bounds what V z and Lambda A z move by together.
    The mass is the same all along *)
Lemma scaled_pairs lam c q P K J r : branch_gain X B P lam -> pairing_constant lam c -> 0 <= q ->
  NoDup K -> (forall j, In j K -> (j < m)%nat) -> incl J K -> (forall j, In j J -> r j = 0) -> (forall j, 0 <= r j) ->
  \sum_(j in K) (r j * neuron_mass X B lam P j) = \sum_(j in K) (neuron_mass X B lam P j) ->
  sq effect_index effect_weight (fun x => \sum_(j in K) ((r j - 1) * effect lam P j x)) <= q^2 ->
  let P' := scale P (fun j => if mem j K then r j else 1) in
  silent P' J /\ forall t, 0 <= t <= 1 ->
    close X (parallel X m B) (c * q) P (lin t P P') /\ mass X m B lam (lin t P P') = mass X m B lam P.
Proof.
  intros Hgain Hc Hq HNK HK Hincl Hzero Hr Hmass Hsum P'. pose proof (branch_gain_nonneg X B P lam Hgain) as Hlam.
  set (s := neuron_mass X B lam P) in *. set (D := c * q).
  set (rr := fun j => if mem j K then r j else 1) in *.
  assert (Hrr : forall j, 0 <= rr j) by (intros j; unfold rr; destruct (mem j K); [easy | lra]).
  (* what the scaling does to V z and A z *)
  assert (Hmove : forall t (M : param -> matrix) k a,
    (forall j, M (lin t P P') j a = (1 - t) * M P j a + t * (rr j * M P j a)) ->
    \sum_(j < m) (M (lin t P P') j a * feature X (lin t P P') k j) - \sum_(j < m) (M P j a * feature X P k j)
    = t * \sum_(j in K) ((r j - 1) * (M P j a * feature X P k j))).
  { intros t M k a HM. rewrite <- (lsum_mem m K) by easy. rewrite <- lsum_minus, <- lsum_scal.
    apply lsum_ext; intros j _. rewrite HM, (feature_ext X (lin t P P') P) by (intros; unfold P', scale; entries; ring).
    unfold rr. destruct (mem j K); ring. }
  assert (Hclose : forall t, 0 <= t <= 1 -> close X (parallel X m B) D P (lin t P P')).
  { intros t Ht. unfold close.
    eapply Rle_trans; [apply (parallel_move X m B P (lin t P P') lam Hgain)|].
    { apply matrix_ext; intros; unfold P', scale; entries; ring. }
    { apply functional_extensionality; intros; apply matrix_ext; intros; unfold P', scale; entries; ring. }
    replace (fun k c0 => skip X m (lin t P P') k c0 - skip X m P k c0)
      with (fun k c0 => t * \sum_(j in K) ((r j - 1) * (V P j c0 * feature X P k j)))
      by (apply matrix_ext; intros; symmetry; apply (Hmove t V); intros; unfold P', scale; entries; ring).
    replace (fun k a => reading X m (lin t P P') k a - reading X m P k a)
      with (fun k a => t * \sum_(j in K) ((r j - 1) * (A P j a * feature X P k j)))
      by (apply matrix_ext; intros; symmetry; apply (Hmove t A); intros; unfold P', scale; entries; ring).
    rewrite !l2norm_scal_pos by lra. rewrite sq_both in Hsum. cbn [effect fst snd] in Hsum.
    set (x := l2norm X (outputs X) (fun k c0 => \sum_(j in K) ((r j - 1) * (V P j c0 * feature X P k j)))) in *.
    set (y := l2norm X (branch_in B) (fun k a => \sum_(j in K) ((r j - 1) * (A P j a * feature X P k j)))) in *.
    assert (Hy : l2norm X (branch_in B) (fun k a => \sum_(j in K) ((r j - 1) *
      (lam * (A P j a * feature X P k j)))) = lam * y).
    { unfold y. rewrite <- l2norm_scal_pos by easy. f_equal. apply matrix_ext; intros k a.
      rewrite <- lsum_scal. apply lsum_ext; intros; ring. }
    rewrite Hy in Hsum.
    assert (Hx0 : 0 <= x) by apply l2norm_nonneg. assert (Hy0 : 0 <= y) by apply l2norm_nonneg.
    assert (Hly : 0 <= lam * y) by now apply Rmult_le_pos.
    assert (Htotal : x + lam * y <= D).
    { unfold D. destruct Hc as [[-> ->] | ->]; [|now apply add_le_sqrt2].
      rewrite Rmult_0_l, Rplus_0_r, Rmult_1_l. apply Rsqr_incr_0; [|easy | easy].
      rewrite !Rsqr_pow2. pose proof (pow2_ge_0 (0 * y)). lra. }
    nra. }
  split.
  - intros j Hj. assert (E : rr j = 0).
    { unfold rr. rewrite (proj2 (mem_In j K)) by now apply Hincl. now apply Hzero. }
    split; intros; unfold P', scale, V, A, make; rewrite E; ring.
  - intros t Ht. split; [now apply Hclose|].
    replace (lin t P P') with (scale P (fun j => 1 - t + t * rr j)).
    + rewrite scale_mass by (intros j; specialize (Hrr j); nra).
      change (\sum_(j < m) ((1 - t + t * rr j) * s j) = \sum_(j < m) s j).
      transitivity (\sum_(j < m) ((1 - t) * s j + t * (rr j * s j))); [apply lsum_ext; intros; ring|].
      rewrite lsum_plus, !lsum_scal.
      assert (E : \sum_(j < m) (rr j * s j) = \sum_(j < m) s j);
        [|rewrite E; match goal with |- _ * ?a + _ * ?b = ?c => change b with a; change c with a end; ring].
      rewrite (lsum_split m K (fun j => rr j * s j) HNK HK), (lsum_split m K s HNK HK). f_equal.
      * transitivity (\sum_(j in K) (r j * s j)); [|exact Hmass].
        apply lsum_ext; intros j Hj. unfold rr. now rewrite (proj2 (mem_In j K)).
      * apply lsum_ext; intros j _. unfold rr. destruct (mem j K); ring.
    + apply param_ext; unfold P', scale; intros; entries; ring.
Qed.

Theorem R7_pairing sigma lam P l c : (2 * l <= m)%nat -> (0 < l)%nat -> moment X sigma ->
  branch_gain X B P lam -> pairing_constant lam c ->
  let D := 2 * c * sigma * mass X m B lam P * sqrt (INR l) / INR (m - 2 * l + 1) in
  exists J P', slots m l J /\ silent P' J /\ forall t, 0 <= t <= 1 ->
    close X (parallel X m B) D P (lin t P P') /\ mass X m B lam (lin t P P') = mass X m B lam P.
Proof.
  intros Hlm Hl Hs Hgain Hc D. pose proof Hs as [Hs0 _].
  pose proof (branch_gain_nonneg X B P lam Hgain) as Hlam.
  set (s := neuron_mass X B lam P). set (S := mass X m B lam P) in *.
  assert (Hspos : forall j, 0 <= s j) by (intros; now apply neuron_mass_nonneg).
  destruct (lightest s m (2 * l) Hlm) as (K & HNK & HLK & HK & Hmin).
  destruct (pair_up l K HLK) as (T & HT & HLT).
  destruct (greedy_factors effect_index effect_weight) with (s := s) (phi := effect lam P) (c := sigma^2) (T := T)
    as (J & r & HNJ & HLJ & Hincl & Hzero & Hr & Hmass & Hsq).
  { intros []; apply weight_nonneg. } { exact Hspos. } { now rewrite HT. }
  { intros j. now apply effect_bound. }
  rewrite HT in Hincl, Hmass, Hsq.
  (* the smallest masses are at most S / (m - 2l + 1) *)
  set (n := INR (m - 2 * l + 1)).
  assert (Hn : 0 < n) by (apply lt_0_INR; lia).
  assert (Hshare : forall j, In j K -> s j <= S / n).
  { intros j Hj. pose proof (lightest_share s m K HNK HK Hspos Hmin j Hj) as H. rewrite HLK in H. fold n in H.
    change (\sum_(i < m) s i) with S in H. apply (Rmult_le_reg_l n); [easy|].
    replace (n * (S / n)) with S by (field; lra). exact H. }
  set (q := 2 * sigma * (S / n) * sqrt (INR l)).
  assert (HS0 : 0 <= S) by now apply mass_nonneg.
  assert (HSn : 0 <= S / n) by (apply Rmult_le_pos; [easy | left; now apply Rinv_0_lt_compat]).
  assert (Hq : 0 <= q) by (apply Rmult_le_pos; [apply Rmult_le_pos; [lra | easy] | apply sqrt_pos]).
  assert (Hsum : sq effect_index effect_weight (fun x => \sum_(j in K) ((r j - 1) * effect lam P j x)) <= q^2).
  { eapply Rle_trans; [exact Hsq|].
    assert (Hpairs : \sum_(ji in T) (s (fst ji) * s (snd ji)) <= INR l * (S / n)^2).
    { rewrite <- HLT, <- lsum_const. apply lsum_le; intros ji Hji. destruct (pair_in T ji Hji) as [Hf Hg].
      rewrite HT in Hf, Hg. pose proof (Hspos (fst ji)). pose proof (Hspos (snd ji)).
      pose proof (Hshare _ Hf). pose proof (Hshare _ Hg). nra. }
    apply Rle_trans with (4 * sigma^2 * (INR l * (S / n)^2)).
    - apply Rmult_le_compat_l; [nra | exact Hpairs].
    - right. unfold q. rewrite !Rpow_mult_distr, pow2_sqrt by apply pos_INR. ring. }
  destruct (scaled_pairs lam c q P K J r Hgain Hc Hq HNK HK Hincl Hzero Hr Hmass Hsum) as [Hsilent Halong].
  exists J, (scale P (fun j => if mem j K then r j else 1)). split; [|split; [easy|]].
  - split; [easy|]. split; [lia|]. intros j Hj. now apply HK, Hincl.
  - replace D with (c * q) by (unfold D, q, Rdiv; fold n; ring). exact Halong.
Qed.

(** T1 by this route: no dimension in the bound *)
Corollary R7_connect sigma lam P l w v c : (2 * l <= m)%nat -> (0 < l)%nat -> moment X sigma ->
  branch_gain X B P lam -> pairing_constant lam c ->
  let D := 2 * c * sigma * mass X m B lam P * sqrt (INR l) / INR (m - 2 * l + 1) in
  exists E gam, parallel X m B E = two_layer X l w v /\ path gam /\ gam 0 = P /\ gam 1 = E /\
    forall t, 0 <= t <= 1 -> sqrt (squared X (parallel X m B (gam t)))
      <= Rmax (sqrt (squared X (parallel X m B P)) + D) (sqrt (squared X (two_layer X l w v))).
Proof.
  intros Hlm Hl Hs Hgain Hc D.
  destruct (R7_pairing sigma lam P l c Hlm Hl Hs Hgain Hc) as (J & P' & HJ & Hsilent & Halong). fold D in Halong.
  assert (Hfreed : freed X m B D J P P') by (split; [apply joined_line; intros t Ht; now apply Halong | easy]).
  assert (HD : 0 <= D).
  { pose proof (joined_start _ _ _ (proj1 Hfreed)) as H. unfold close in H.
    eapply Rle_trans; [apply fnorm_nonneg | exact H]. }
  destruct (joined_path _ _ _ (T1_from_route X m B l w v (fun f => sqrt (squared X f)) 1 D J P P'
    (tame_squared X) HJ HD Hfreed)) as (gam & Hg & g0 & g1 & H).
  exists (landing w v J P'), gam. split; [now apply landing_function|].
  split; [easy|]. split; [easy|]. split; [easy|]. intros t Ht. specialize (H t Ht).
  unfold sublevel, loss_of in H. now rewrite Rmult_1_l in H.
Qed.
End Pairing.
